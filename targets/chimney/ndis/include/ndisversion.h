/*
 * Which NDIS a driver says that it is for, as the kits' build says it: NDIS60_MINIPORT, NDIS61_MINIPORT,
 * NDIS620_MINIPORT or a later one; 6.20 where it says nothing. What is there is that of NDIS 6.20.
 */
#ifndef CHS_NDISVERSION_H
#define CHS_NDISVERSION_H

#if !defined(NDIS60_MINIPORT) && !defined(NDIS61_MINIPORT) && !defined(NDIS620_MINIPORT) && \
    !defined(NDIS630_MINIPORT) && !defined(NDIS680_MINIPORT)
#define NDIS620_MINIPORT 1
#endif
#ifndef NDIS_MINIPORT_DRIVER
#define NDIS_MINIPORT_DRIVER 1
#endif
#ifndef NDIS_WDM
#define NDIS_WDM 1
#endif

#define NDIS_SUPPORT_NDIS6 1
#ifdef NDIS60_MINIPORT
#define NDIS_SUPPORT_NDIS61 0
#else
#define NDIS_SUPPORT_NDIS61 1
#endif
#if defined(NDIS60_MINIPORT) || defined(NDIS61_MINIPORT)
#define NDIS_SUPPORT_NDIS620 0
#else
#define NDIS_SUPPORT_NDIS620 1
#endif
#define NDIS_SUPPORT_NDIS630 0
#define NDIS_SUPPORT_NDIS680 0

#define NDIS_MINIPORT_MAJOR_VERSION 6
#ifndef NDIS_MINIPORT_MINOR_VERSION
#if NDIS_SUPPORT_NDIS620
#define NDIS_MINIPORT_MINOR_VERSION 20
#elif NDIS_SUPPORT_NDIS61
#define NDIS_MINIPORT_MINOR_VERSION 1
#else
#define NDIS_MINIPORT_MINOR_VERSION 0
#endif
#endif

#endif

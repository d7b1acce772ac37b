/*
 * NDIS 6.20 for miniport drivers, as far as TCP chimney offload goes. Our own declarations of
 * the published names, with the sizes and offsets of the x64 Windows ABI (../abi).
 *
 * Not here, because one thread plays everything: timers and work items (simnic.h calls the
 * driver back instead), events, sleeping, DMA, interrupts, configuration.
 */
#ifndef CHS_NDIS_H
#define CHS_NDIS_H

#include "ndisattributes.h"
#include "ndisbuffers.h"
#include "ndischimney.h"
#include "ndismemory.h"
#include "ndisminiport.h"
#include "ndisobject.h"
#include "ndisstatus.h"
#include "ntkernel.h"

#endif

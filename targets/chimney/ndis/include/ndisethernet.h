/* Ethernet addresses, media and interface types (xfilter.h, ipifcons.h). */
#ifndef CHS_NDISETHERNET_H
#define CHS_NDISETHERNET_H

#include "nttypes.h"

#define ETH_LENGTH_OF_ADDRESS 6
#define ETH_IS_MULTICAST(address) ((BOOLEAN)(((const UCHAR *)(address))[0] & 0x01))
#define ETH_IS_BROADCAST(address) ((BOOLEAN)(!memcmp((address), "\xff\xff\xff\xff\xff\xff", ETH_LENGTH_OF_ADDRESS)))
#define ETH_COPY_NETWORK_ADDRESS(to, from) memcpy((to), (from), ETH_LENGTH_OF_ADDRESS)
/* result: 0 if they are equal; 1 or -1 in the order of their bytes. */
#define ETH_COMPARE_NETWORK_ADDRESSES(first, second, result) \
    (*(result) = ChsSign(memcmp((first), (second), ETH_LENGTH_OF_ADDRESS)))
#define ETH_COMPARE_NETWORK_ADDRESSES_EQ(first, second, result) \
    (*(result) = (memcmp((first), (second), ETH_LENGTH_OF_ADDRESS) != 0))

CHS_INLINE int ChsSign(int Number)
{
    return Number < 0 ? -1 : Number > 0;
}

#define IF_TYPE_OTHER 1
#define IF_TYPE_ETHERNET_CSMACD 6
#define IF_TYPE_SOFTWARE_LOOPBACK 24
#define IF_TYPE_IEEE80211 71

#endif

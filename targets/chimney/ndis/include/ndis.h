/*
 * NDIS 6.20 for miniport drivers. Our own declarations of the published names, with the sizes and
 * offsets of the x64 Windows ABI (../abi). `chimneysweep list ndis` prints what there is, and which
 * functions are stubs. When timers, work items and DPCs run: ntwaiting.h.
 */
#ifndef CHS_NDIS_H
#define CHS_NDIS_H

#include "ndisattributes.h"
#include "ndisbuffers.h"
#include "ndischimney.h"
#include "ndisconfiguration.h"
#include "ndisdma.h"
#include "ndisethernet.h"
#include "ndisflags.h"
#include "ndismemory.h"
#include "ndisminiport.h"
#include "ndisobject.h"
#include "ndisoffload.h"
#include "ndisoid.h"
#include "ndisqueues.h"
#include "ndisrequests.h"
#include "ndisstatus.h"
#include "ndistimers.h"
#include "ntkernel.h"

#endif

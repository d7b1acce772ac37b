/* A name of the Windows kits for what ntkernel.h declares. */
#include "ntkernel.h"

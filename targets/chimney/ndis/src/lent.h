/* Received data that the host holds, and the connections that it is of. */
#ifndef CHS_LENT_H
#define CHS_LENT_H

#include "harness.h"

/* A list of the driver's goes to the host. */
void chs_lend(struct chs_list *list, struct chs_handle *lender);
void chs_lend_chain(PNET_BUFFER_LIST first, struct chs_handle *lender);
/* Whether the host holds data of this connection. */
bool chs_lends(const struct chs_handle *handle);
/* Whether the connection, neighbor or path was handed back in this cycle. */
bool chs_is_back(const struct chs_handle *handle);
/*
 * The driver frees memory: complains if the host holds data of the driver's in it, or with these words if that is known.
 * Of a connection that was handed back it is told that it is freed.
 */
void chs_frees_lent(const void *start, SIZE_T size, const char *says);

/*
 * A connection is told as freed when its context is. Data that the host holds may be memory of its own, which outlives the
 * context: then it is told when that is back, or when it is freed before.
 */
void chs_tell_freed(struct chs_handle *handle);
/* The same of those whose context is freed, and of which the host holds nothing any more. */
void chs_tell_untold(void);

/* All that the host holds of the driver's goes back. */
void chs_return_lent(void);
/* Whether the tree that is being terminated came back. */
bool chs_came_back(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list);

#endif

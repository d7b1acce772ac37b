/* In which order a driver takes over the state objects of a tree. */
#ifndef CHS_TURNS_H
#define CHS_TURNS_H

/* A tree is about to be offloaded: what has a context by now belongs to no new object. */
void chs_begin_turns(void);
/* The driver asks for something: which contexts has it stored by now? */
void chs_note_turn(void);
/* Complains if the tree was taken over sideways before it was from top to bottom. */
void chs_check_turns(const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *tree);

#endif

/* Linked after the driver's objects: here its own data ends. See remembered.c. */
char chs_last_data[16] = {1};
char chs_last_bss[16];

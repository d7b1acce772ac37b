/* Linked before the driver's objects: here its own data begins. See remembered.c. */
char chs_first_data[16] = {1};
char chs_first_bss[16];

/*
 * Linked with the program, this puts it on a disk that forgets: curlew-lossy
 * is curlew, and `kill -9` is a power cut for it.
 */
#include "tests/support/lossy_vfs.h"

static void on_load(void) __attribute__((constructor));

static void
on_load(void)
{
	lossy_vfs_register(true);
}

#include "agent/base/hash.h"

#include <string.h>

/* FNV-1a (draft-eastlake-fnv), then a finisher: FNV alone spreads the last
 * characters of similar names badly over the high bits. */
uint64_t
hash_bytes(const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < len; i++)
		h = (h ^ at[i]) * UINT64_C(0x100000001b3);
	h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ (h >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ (h >> 33);
}

uint64_t
hash_text(const char *text)
{
	return hash_bytes(text, strlen(text));
}

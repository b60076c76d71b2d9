#include "agent/base/uuid.h"

#include <inttypes.h>
#include <stdio.h>

#include "agent/base/rng.h"

void
uuid_make(int64_t wall_ms, struct rng *rng, char text[static UUID_TEXT_SIZE])
{
	uint64_t ms = (uint64_t)wall_ms & UINT64_C(0xffffffffffff);
	uint64_t a = rng_next(rng);
	uint64_t b = rng_next(rng);
	snprintf(text, UUID_TEXT_SIZE,
		"%08" PRIx64 "-%04" PRIx64 "-7%03" PRIx64 "-%04" PRIx64
		"-%012" PRIx64,
		ms >> 16, ms & 0xffff, a & 0xfff,
		UINT64_C(0x8000) | ((a >> 12) & 0x3fff),
		b & UINT64_C(0xffffffffffff));
}

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

static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
uuid_read(const char *text, int64_t *wall_ms)
{
	static const char shape[] = "xxxxxxxx-xxxx-7xxx-xxxx-xxxxxxxxxxxx";
	int64_t ms = 0;
	for (size_t i = 0; shape[i] != '\0'; i++) {
		bool digit = shape[i] == 'x';
		if (digit ? digit_of(text[i]) < 0 : text[i] != shape[i])
			return false;
		if (digit && i < 13)
			ms = ms * 16 + digit_of(text[i]);
	}
	*wall_ms = ms;
	return text[UUID_TEXT_SIZE - 1] == '\0';
}

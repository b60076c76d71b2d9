#include "agent/http/resolver_pace.h"

#include "agent/base/hash.h"

static uint64_t
bit_of(const char *host, uint64_t *word)
{
	uint64_t place = hash_text(host) % RESOLVER_PACE_BITS;
	*word = place / 64;
	return UINT64_C(1) << place % 64;
}

void
resolver_pace_note(struct resolver_pace *pace, const char *host, bool was_slow)
{
	uint64_t word, bit = bit_of(host, &word);
	if (was_slow)
		pace->slow[word] |= bit;
	else
		pace->slow[word] &= ~bit;
}

bool
resolver_pace_is_slow(const struct resolver_pace *pace, const char *host)
{
	uint64_t word, bit = bit_of(host, &word);
	return (pace->slow[word] & bit) != 0;
}

#include "agent/chat/seen.h"

#include <stdint.h>
#include <stdlib.h>

#include "agent/base/hash.h"
#include "agent/base/mem.h"

/* Of each its hash: of 64 bits no two meet by chance. */
struct chat_seen {
	uint64_t *hashes; /* a ring; 0 for none */
	size_t max;
	size_t next;
};

struct chat_seen *
chat_seen_new(size_t max)
{
	struct chat_seen *seen = mem_zalloc(sizeof(*seen));
	seen->hashes = mem_zalloc(max * sizeof(*seen->hashes));
	seen->max = max;
	return seen;
}

void
chat_seen_free(struct chat_seen *seen)
{
	if (!seen)
		return;
	free(seen->hashes);
	free(seen);
}

bool
chat_seen_before(struct chat_seen *seen, const char *word)
{
	if (*word == '\0')
		return false;
	uint64_t hash = hash_text(word) | 1;
	for (size_t i = 0; i < seen->max; i++)
		if (seen->hashes[i] == hash)
			return true;
	seen->hashes[seen->next] = hash;
	if (++seen->next == seen->max)
		seen->next = 0;
	return false;
}

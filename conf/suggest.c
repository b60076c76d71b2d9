#include "conf/suggest.h"

#include <ctype.h>
#include <string.h>

enum {
	WORD_MAX = 48,
};

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static char
lower(char c)
{
	return (char)tolower((unsigned char)c);
}

/*
 * Letters to change, add, take out or swap with their neighbour; upper and
 * lower case are the same.
 */
static size_t
edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];
	for (size_t j = 0; j <= b_len; j++) {
		before[j] = 0;
		last[j] = j;
	}
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			char x = lower(a[i - 1]), y = lower(b[j - 1]);
			row[j] = least(last[j - 1] + (x != y),
				least(last[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && x == lower(b[j - 2])
				&& y == lower(a[i - 2]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		size_t *oldest = before;
		before = last;
		last = row;
		row = oldest;
	}
	return last[b_len];
}

void
conf_suggest(struct conf_suggestion *suggestion, const char *candidate)
{
	if (!candidate)
		return;
	size_t a_len = strlen(suggestion->word);
	size_t b_len = strlen(candidate);
	size_t far = 1 + a_len / 4;
	if (a_len == 0 || a_len > WORD_MAX || b_len > WORD_MAX
		|| a_len > b_len + far || b_len > a_len + far)
		return;
	size_t distance =
		edit_distance(suggestion->word, a_len, candidate, b_len);
	if (distance > far || distance >= least(a_len, b_len))
		return;
	if (suggestion->best && suggestion->distance <= distance)
		return;
	suggestion->best = candidate;
	suggestion->distance = distance;
}

#include "reporters/words_digest.h"

#include <inttypes.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "reporters/words_texts.h"

static const char *
number(size_t n, struct arena *arena)
{
	return arena_printf(arena, "%zu", n);
}

/* Of those that are not muted. */
static const char *
state_of(int language, const struct digest *digest, struct arena *arena)
{
	const struct words_texts *texts = &words_texts[language];
	size_t counted = digest->total > digest->muted
		? digest->total - digest->muted
		: 0;
	const char *total = number(counted, arena);
	if (digest->total == 0)
		return texts->nothing;
	if (digest->bad > 0)
		return words_fill(arena, texts->not_well,
			number(digest->bad, arena), total);
	if (digest->unknown > 0)
		return words_fill(arena, texts->not_seen,
			number(digest->unknown, arena), total);
	return words_fill(arena, texts->all_well, total, "");
}

const char *
words_digest_title(
	int language, const struct digest *digest, struct arena *arena)
{
	const char *title = state_of(language, digest, arena);
	return digest->muted == 0
		? title
		: words_fill(arena, words_texts[language].others_muted, title,
			number(digest->muted, arena));
}

/* Rounded down: 100 is said only of what was never down. */
static const char *
percent(int64_t ppm, struct arena *arena)
{
	int64_t hundredths = ppm / 100;
	return arena_printf(arena, "%" PRId64 ".%02" PRId64, hundredths / 100,
		hundredths % 100);
}

const char *
words_digest_row(const struct words *words, const struct digest_row *row,
	struct arena *arena)
{
	const struct words_texts *texts = &words_texts[words->language];
	const char *text = words_status(words->language, row->status);
	if (row->since_ms > 0 && row->status != STATUS_UNKNOWN)
		text = words_fill(arena, texts->since, text,
			words_time(words, row->since_ms, arena));
	if (row->muted)
		text = words_fill(arena, texts->muted, text, "");
	if (row->uptime_ppm < 0)
		return text;
	return arena_printf(arena, "%s, %s", text,
		words_fill(arena, texts->uptime,
			percent(row->uptime_ppm, arena), ""));
}

const char *
words_digest_rest(int language, size_t n, struct arena *arena)
{
	return n > 0 ? words_fill(arena, words_texts[language].and_more,
		       number(n, arena), "")
		     : "";
}

const char *
words_digest_lines(const struct words *words, const struct digest *digest,
	struct arena *arena)
{
	struct buf lines;
	buf_init(&lines, SIZE_MAX);
	for (size_t i = 0; i < digest->n_rows; i++)
		buf_printf(&lines, "%s• %s: %s", i > 0 ? "\n" : "",
			digest->rows[i].name,
			words_digest_row(words, &digest->rows[i], arena));
	if (digest->total > digest->n_rows)
		buf_printf(&lines, "\n%s",
			words_digest_rest(words->language,
				digest->total - digest->n_rows, arena));
	const char *text = arena_dup_n(arena, lines.data, lines.len);
	buf_finish(&lines);
	return text;
}

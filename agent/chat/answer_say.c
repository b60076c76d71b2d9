/*
 * By command and outcome: which sentences.
 */
#include "agent/chat/answer_internal.h"

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "agent/model/digest.h"
#include "reporters/words_digest.h"

/* Sentences. */

static void
say(struct chat_page *page, const char *sentence)
{
	if (page->head.len > 0)
		buf_add_text(&page->head,
			chat_texts[page->pen.words.language].between);
	buf_add_text(&page->head, sentence);
}

static void
say_bare(struct chat_page *page, enum chat_text text)
{
	say(page, chat_fill(&page->pen, text, NULL, NULL, NULL));
}

static void
say_of(struct chat_page *page, enum chat_text text, const char *value)
{
	say(page, chat_fill(&page->pen, text, value, NULL, NULL));
}

/* A part of the answer, in the words in which it came. */
static void
say_member(struct chat_page *page, enum chat_text text, const char *key)
{
	say_of(page, text,
		chat_member(&page->pen, page->answer, key, CHAT_WORDS_MAX));
}

static void
say_named(struct chat_page *page, enum chat_text text)
{
	say_of(page, text,
		chat_named(&page->pen, chat_text_at(page->answer, "name"), ""));
}

/* Refusals. */

static void
say_unknown(struct chat_page *page, enum chat_text text)
{
	say_member(page,
		chat_is(page->answer, "among_removed") ? CHAT_TEXT_NOT_REMOVED
						       : text,
		"asked");
	if (json_object_get(page->answer, "near"))
		say_member(page, CHAT_TEXT_MEANT, "near");
}

static void
say_which(struct chat_page *page, enum chat_text text)
{
	const struct chat_pen *pen = &page->pen;
	bool is_many = chat_number_at(page->answer, "others") > 0;
	say(page,
		chat_fill(pen, is_many ? CHAT_TEXT_WHICH_OF_MANY : text,
			chat_member(pen, page->answer, "one", CHAT_NAME_MAX),
			chat_member(pen, page->answer, "other", CHAT_NAME_MAX),
			NULL));
}

static void
say_trouble(struct chat_page *page, enum chat_text text)
{
	const struct command_row *row =
		command_find(chat_text_at(page->answer, "command"));
	say_member(page,
		row && row->changes ? CHAT_TEXT_NOTHING_RECORDED : text, "why");
}

static void
say_no_command(struct chat_page *page, enum chat_text text)
{
	const char *near = chat_text_at(page->answer, "near");
	say_member(page, text, "asked");
	if (*near != '\0')
		say_member(page, CHAT_TEXT_MEANT, "near");
	else
		say_of(page, CHAT_TEXT_HELP_LISTS, chat_command(page, "help"));
}

static void
say_asked(struct chat_page *page, enum chat_text text)
{
	say_member(page, text, "asked");
}

/* "remove NAME". */
static const char *
usage(const struct chat_page *page)
{
	const char *word = chat_text_at(page->answer, "command");
	const struct command_row *row = command_find(word);
	bool is_bare = !row || *row->arguments == '\0';
	return chat_command(page,
		is_bare ? word
			: arena_printf(page->pen.arena, "%s %s", row->word,
				row->arguments));
}

static void
say_usage(struct chat_page *page, enum chat_text text)
{
	say_of(page, text, usage(page));
}

/* Of an action, it is that one which may not be done, not all of them. */
static void
say_refused(struct chat_page *page, enum chat_text text)
{
	const char *command = chat_text_at(page->answer, "command");
	const char *name = chat_text_at(page->answer, "name");
	if (str_eq(command, command_rows[COMMAND_RUN].word) && *name != '\0')
		say_member(page, text, "name");
	else
		say_usage(page, text);
}

static void
say_takes_no_name(struct chat_page *page, enum chat_text text)
{
	say(page,
		chat_fill(&page->pen, text, usage(page),
			chat_member(&page->pen, page->answer, "asked",
				CHAT_WORDS_MAX),
			NULL));
}

/* Changes. */

static void
say_restored(struct chat_page *page, enum chat_text text)
{
	const json_t *configured = json_object_get(page->answer, "configured");
	say_named(page,
		json_is_false(configured) ? CHAT_TEXT_RESTORED_SOURCE : text);
}

static void
say_taken(struct chat_page *page, enum chat_text text)
{
	const struct chat_pen *pen = &page->pen;
	int64_t until_ms = chat_moment(page->answer, "until");
	say(page,
		chat_fill(pen, until_ms > 0 ? CHAT_TEXT_TAKEN_UNTIL : text,
			chat_member(pen, page->answer, "by", CHAT_NAME_MAX),
			chat_named(pen, chat_text_at(page->answer, "name"), ""),
			until_ms > 0 ? chat_time(pen, until_ms) : NULL));
}

static void
say_muted(struct chat_page *page, enum chat_text text)
{
	const struct chat_pen *pen = &page->pen;
	const char *name = chat_text_at(page->answer, "name");
	int64_t until_ms = chat_moment(page->answer, "until");
	const char *until = until_ms > 0 ? chat_time(pen, until_ms) : NULL;
	if (*name == '\0' && until)
		say_of(page, CHAT_TEXT_MUTED_ALL_UNTIL, until);
	else if (*name == '\0')
		say_bare(page, CHAT_TEXT_MUTED_ALL);
	else
		say(page,
			chat_fill(pen, until ? CHAT_TEXT_MUTED_UNTIL : text,
				chat_named(pen, name, ""), until, NULL));
}

/* `text` is of one, and the same of all comes behind it. */
static void
say_unmuted(struct chat_page *page, enum chat_text text)
{
	if (*chat_text_at(page->answer, "name") == '\0')
		say_bare(page, text + 1);
	else
		say_named(page, text);
	if (chat_is(page->answer, "all_muted"))
		say_of(page, CHAT_TEXT_STILL_MUTED,
			chat_command(page, "unmute"));
}

/* What is shown. */

static size_t
count_of(const json_t *counts, const char *key)
{
	int64_t number = chat_number_at(counts, key);
	return number > 0 ? (size_t)number : 0;
}

static void
say_list(struct chat_page *page, enum chat_text text)
{
	const json_t *counts = json_object_get(page->answer, "counts");
	struct digest *digest = arena_alloc(page->pen.arena, sizeof(*digest));
	digest->total = count_of(counts, "total");
	digest->unknown = count_of(counts, status_name(STATUS_UNKNOWN));
	for (int i = STATUS_PERFORMANCE_ISSUES; i < STATUS_COUNT; i++)
		digest->bad += count_of(counts, status_name((enum status)i));
	if (digest->total == 0)
		say_bare(page, text);
	else
		say(page,
			words_digest_title(page->pen.words.language, digest,
				page->pen.arena));
}

/* "*shop*: major outage since ...", and below all that is known. */
static void
say_look(struct chat_page *page, enum chat_text text)
{
	const struct chat_pen *pen = &page->pen;
	const json_t *endpoint = json_object_get(page->answer, "endpoint");
	if (str_eq(chat_text_at(page->answer, "outcome"), "told"))
		say_named(page, text);
	if (endpoint)
		say(page,
			arena_printf(pen->arena, "%s: %s",
				chat_named(pen, chat_text_at(endpoint, "name"),
					chat_text_at(endpoint, "url")),
				chat_look_row(pen, endpoint)));
}

static void
say_removed_list(struct chat_page *page, enum chat_text text)
{
	const struct chat_pen *pen = &page->pen;
	size_t n = json_array_size(json_object_get(page->answer, "removed"));
	int64_t more = chat_number_at(page->answer, "more");
	say(page,
		chat_fill(pen, text, chat_number(pen, (int64_t)n + more),
			chat_command(page, "restore NAME"), NULL));
}

/* Actions. */

static void
say_no_action(struct chat_page *page, enum chat_text text)
{
	say_member(page, text, "asked");
	if (json_object_get(page->answer, "near"))
		say_member(page, CHAT_TEXT_MEANT, "near");
}

static void
say_bad_word(struct chat_page *page, enum chat_text text)
{
	const struct chat_pen *pen = &page->pen;
	const char *look = chat_text_at(page->answer, "look");
	const char *choices = chat_text_at(page->answer, "choices");
	if (*choices != '\0')
		text = CHAT_TEXT_BAD_CHOICE;
	else if (*look == '\0')
		text = CHAT_TEXT_BAD_BLANKS;
	say(page,
		chat_fill(pen, text, chat_word(pen, page->answer),
			chat_member(pen, page->answer, "given", CHAT_NAME_MAX),
			*choices != '\0'
				? chat_write(pen, choices, CHAT_WORDS_MAX)
				: chat_quote(pen, look)));
}

static void
say_no_way(struct chat_page *page, enum chat_text text)
{
	if (*chat_text_at(page->answer, "asked") == '\0')
		say_bare(page, CHAT_TEXT_NOTHING_SAID);
	else
		say_member(page, text, "asked");
}

static void
say_begun(struct chat_page *page, enum chat_text text)
{
	const struct chat_pen *pen = &page->pen;
	if (!json_object_get(page->answer, "by"))
		say_named(page, text);
	else
		say(page,
			chat_fill(pen, CHAT_TEXT_BEGUN_BY,
				chat_named(pen,
					chat_text_at(page->answer, "name"), ""),
				chat_member(
					pen, page->answer, "by", CHAT_NAME_MAX),
				NULL));
}

/* All of them. */

static const struct {
	const char *command; /* NULL: whichever */
	const char *outcome;
	void (*say)(struct chat_page *page, enum chat_text text);
	enum chat_text text;
} rows[] = {
	{ NULL, "starting", say_bare, CHAT_TEXT_STARTING },
	{ NULL, "unknown", say_unknown, CHAT_TEXT_UNKNOWN },
	{ NULL, "which", say_which, CHAT_TEXT_WHICH },
	{ NULL, "time", say_asked, CHAT_TEXT_NO_TIME },
	{ NULL, "late", say_named, CHAT_TEXT_LATE },
	{ NULL, "unrecorded", say_bare, CHAT_TEXT_UNRECORDED },
	{ NULL, "trouble", say_trouble, CHAT_TEXT_UNREADABLE },
	{ NULL, "no_command", say_no_command, CHAT_TEXT_NO_COMMAND },
	{ NULL, "lacks_name", say_usage, CHAT_TEXT_LACKS_NAME },
	{ NULL, "takes_no_name", say_takes_no_name, CHAT_TEXT_TAKES_NO_NAME },
	{ NULL, "too_long", say_bare, CHAT_TEXT_TOO_LONG },
	{ NULL, "not_by_you", say_refused, CHAT_TEXT_NOT_BY_YOU },
	{ NULL, "not_here", say_refused, CHAT_TEXT_NOT_HERE },
	{ NULL, "too_much", say_bare, CHAT_TEXT_TOO_MUCH },
	{ "ack", "taken", say_taken, CHAT_TEXT_TAKEN },
	{ "ack", "over", say_bare, CHAT_TEXT_OVER },
	{ "ack", "well", say_named, CHAT_TEXT_WELL },
	{ "audit", "audit", say_bare, CHAT_TEXT_AUDIT },
	{ "audit", "none", say_bare, CHAT_TEXT_AUDIT_NONE },
	{ "check", "bad", say_list, CHAT_TEXT_NOTHING_THERE },
	{ "check", "well", say_list, CHAT_TEXT_NOTHING_THERE },
	{ "check", "looked", say_look, CHAT_TEXT_TOLD },
	{ "check", "told", say_look, CHAT_TEXT_TOLD },
	{ "down", "bad", say_list, CHAT_TEXT_NOTHING_THERE },
	{ "down", "well", say_list, CHAT_TEXT_NOTHING_THERE },
	{ "echo", "echo", say_bare, CHAT_TEXT_ECHO },
	{ "help", "action", say_bare, CHAT_TEXT_HELP_ACTION },
	{ "help", "help", say_bare, CHAT_TEXT_HELP },
	{ "history", "history", say_named, CHAT_TEXT_HISTORY },
	{ "history", "none", say_named, CHAT_TEXT_HISTORY_NONE },
	{ "mute", "muted", say_muted, CHAT_TEXT_MUTED },
	{ "remove", "already", say_named, CHAT_TEXT_REMOVED_ALREADY },
	{ "remove", "full", say_bare, CHAT_TEXT_REMOVED_FULL },
	{ "remove", "removed", say_named, CHAT_TEXT_REMOVED },
	{ "removed", "none", say_bare, CHAT_TEXT_REMOVED_NONE },
	{ "removed", "removed", say_removed_list, CHAT_TEXT_REMOVED_LIST },
	{ "restore", "already", say_named, CHAT_TEXT_RESTORED_ALREADY },
	{ "restore", "restored", say_restored, CHAT_TEXT_RESTORED },
	{ "run", "bad_word", say_bad_word, CHAT_TEXT_BAD_WORD },
	{ "run", "full", say_named, CHAT_TEXT_FULL },
	{ "run", "no_action", say_no_action, CHAT_TEXT_NO_ACTION },
	{ "run", "no_actions", say_bare, CHAT_TEXT_NO_ACTIONS },
	{ "run", "no_way", say_no_way, CHAT_TEXT_NO_WAY },
	{ "run", "unclear", say_asked, CHAT_TEXT_UNCLEAR },
	{ "run", "unfit", say_named, CHAT_TEXT_UNFIT },
	{ "run", "which_action", say_bare, CHAT_TEXT_WHICH_ACTION },
	{ "runs", "none", say_bare, CHAT_TEXT_RUNS_NONE },
	{ "runs", "runs", say_bare, CHAT_TEXT_RUNS },
	{ "unmute", "already", say_unmuted, CHAT_TEXT_UNMUTED_ALREADY },
	{ "unmute", "unmuted", say_unmuted, CHAT_TEXT_UNMUTED },
	{ "action", "begun", say_begun, CHAT_TEXT_BEGUN },
	{ "action", "goes_on", say_named, CHAT_TEXT_GOES_ON },
	{ "action", "done", say_named, CHAT_TEXT_DONE },
	{ "action", "failed", say_named, CHAT_TEXT_FAILED },
	{ "action", "uncertain", say_named, CHAT_TEXT_UNCERTAIN },
};

void
chat_say(struct chat_page *page)
{
	const char *command = chat_text_at(page->answer, "command");
	const char *outcome = chat_text_at(page->answer, "outcome");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!str_eq(rows[i].outcome, outcome)
			|| (rows[i].command
				&& !str_eq(rows[i].command, command)))
			continue;
		rows[i].say(page, rows[i].text);
		return;
	}
	say(page, chat_member(&page->pen, page->answer, "text", CHAT_HEAD_MAX));
}

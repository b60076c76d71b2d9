/* How actions are asked for. */
#include "agent/chat/answer_internal.h"

#include "agent/base/arena.h"
#include "agent/base/str.h"

/* What has a slash command of its own is said without ours. */
static const char *
way_of(const struct chat_page *page, const char *said)
{
	return *said == '/' ? chat_quote(&page->pen, said)
			    : chat_command(page, said);
}

static void
add_way(struct chat_page *page, const json_t *row)
{
	const struct chat_pen *pen = &page->pen;
	const char *help = chat_member(pen, row, "help", CHAT_WORDS_MAX);
	chat_page_add(page, STATUS_UNKNOWN, true,
		arena_printf(pen->arena, "• %s%s%s",
			way_of(page, chat_text_at(row, "say")),
			*help != '\0' ? ": " : "", help));
}

void
chat_ways(struct chat_page *page, const json_t *rows)
{
	const struct chat_pen *pen = &page->pen;
	size_t i;
	const json_t *row;
	if (json_array_size(rows) > 0)
		chat_page_add(page, STATUS_UNKNOWN, false,
			chat_fill(
				pen, CHAT_TEXT_HELP_ACTIONS, NULL, NULL, NULL));
	json_array_foreach (rows, i, row)
		add_way(page, row);
}

/* One of them. */

static void
add_line(struct chat_page *page, enum chat_text text, const char *first,
	const char *second)
{
	const struct chat_pen *pen = &page->pen;
	chat_page_add(page, STATUS_UNKNOWN, false,
		arena_printf(pen->arena, "    %s",
			chat_fill(pen, text, first, second, NULL)));
}

static void
add_word(struct chat_page *page, const json_t *row)
{
	const struct chat_pen *pen = &page->pen;
	const char *look = chat_text_at(row, "look");
	const char *choices = chat_member(pen, row, "choices", CHAT_WORDS_MAX);
	const char *word = chat_word(pen, row);
	if (*choices != '\0')
		add_line(page, CHAT_TEXT_CHOICE, word, choices);
	else if (*look != '\0')
		add_line(page, CHAT_TEXT_WORD, word, chat_quote(pen, look));
	else
		add_line(page, CHAT_TEXT_NO_BLANKS, word, NULL);
}

/* Ids, as they are: a mention would call them. */
static const char *
ids_of(const struct chat_pen *pen, const json_t *ids)
{
	const char *text = "";
	size_t i;
	const json_t *id;
	json_array_foreach (ids, i, id)
		text = arena_printf(pen->arena, "%.*s%s%s", CHAT_WORDS_MAX,
			text, i > 0 ? ", " : "",
			json_is_string(id) ? json_string_value(id) : "");
	return chat_write(pen, text, CHAT_WORDS_MAX);
}

static void
add_rights(struct chat_page *page, const json_t *lesson)
{
	const struct chat_pen *pen = &page->pen;
	const json_t *users = json_object_get(lesson, "users");
	const json_t *channels = json_object_get(lesson, "channels");
	const char *refusal = chat_text_at(lesson, "refusal");
	if (users)
		add_line(page, CHAT_TEXT_USERS, ids_of(pen, users), NULL);
	else
		add_line(page, CHAT_TEXT_USERS_ANY, NULL, NULL);
	if (channels)
		add_line(page, CHAT_TEXT_CHANNELS, ids_of(pen, channels), NULL);
	if (*refusal != '\0')
		add_line(page,
			str_eq(refusal, "not_here") ? CHAT_TEXT_NOT_HERE
						    : CHAT_TEXT_NOT_BY_YOU,
			chat_member(pen, lesson, "name", CHAT_NAME_MAX), NULL);
}

static void
add_lesson(struct chat_page *page, const json_t *lesson)
{
	const char *example = chat_text_at(lesson, "example");
	size_t i;
	const json_t *row;
	json_array_foreach (json_object_get(lesson, "ways"), i, row)
		add_way(page, row);
	json_array_foreach (json_object_get(lesson, "words"), i, row)
		add_word(page, row);
	if (*example != '\0')
		add_line(page, CHAT_TEXT_EXAMPLE, way_of(page, example), NULL);
	add_rights(page, lesson);
}

void
chat_teach(struct chat_page *page, const json_t *lessons)
{
	size_t i;
	const json_t *lesson;
	json_array_foreach (lessons, i, lesson)
		add_lesson(page, lesson);
}

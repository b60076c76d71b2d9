/*
 *     conf_migrate -> conf_yaml_read -> conf_paper_read -> move -> write
 */
#include "conf/migrate.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "conf/migrate_parts.h"
#include "conf/unicode.h"

enum {
	NOTE_MAX = 400,
	ROUNDS_MAX = 16,
	OUT_MAX = 2 * CONF_MIGRATE_BYTES_MAX,
};

static bool
is_before(struct conf_mark a, struct conf_mark b)
{
	return a.line < b.line || (a.line == b.line && a.column < b.column);
}

static bool
is_known(const struct conf_move *move, enum conf_note_kind kind,
	struct conf_mark mark, const char *text)
{
	for (const struct conf_note *note = move->notes; note;
		note = note->next)
		if (note->kind == kind && note->mark.line == mark.line
			&& note->mark.column == mark.column
			&& str_eq(note->text, text))
			return true;
	return false;
}

/* They are kept in the order of the file. */
static void
keep_note(struct conf_note **first, const struct conf_note *what,
	struct arena *arena)
{
	struct conf_note *note = arena_alloc(arena, sizeof(*note));
	*note = *what;
	while (*first && !is_before(what->mark, (*first)->mark))
		first = &(*first)->next;
	note->next = *first;
	*first = note;
}

void
conf_note(struct conf_move *move, enum conf_note_kind kind,
	struct conf_mark mark, const char *format, ...)
{
	char text[NOTE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	move->changed |= kind != CONF_NOTE_MEANING;
	move->changes += kind != CONF_NOTE_MEANING;
	if (is_known(move, kind, mark, text)
		|| move->migration->n_notes++ >= CONF_NOTES_MAX)
		return;
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	keep_note(&move->notes,
		&(struct conf_note){ .kind = kind,
			.mark = mark,
			.text = arena_dup(move->arena, text) },
		move->arena);
}

/* Variables that versions 0.3 to 0.5 read. */

static const struct variable {
	const char *name;
	const char *key;
	bool of_cachet; /* the key stood under `cachet` */
	bool is_bool; /* it was a number */
} variables[] = {
	{ "ENDPOINT_METHOD", "method", false, false },
	{ "ENDPOINT_URL", "url", false, false },
	{ "ENDPOINT_TIMEOUT", "timeout", false, false },
	{ "ALLOWED_FAILS", "allowed_fails", false, false },
	{ "CACHET_COMPONENT_ID", "component_id", true, false },
	{ "CACHET_METRIC_ID", "metric_id", true, false },
	{ "CACHET_PUBLIC_INCIDENTS", "public_incidents", true, true },
	{ "LATENCY_UNIT", "latency_unit", true, false },
};

static void
bake(struct conf_move *move, const struct variable *variable, const char *value)
{
	struct conf_piece *root = move->paper->root;
	struct conf_item *owner = conf_piece_find(
		root, variable->of_cachet ? "cachet" : "endpoint");
	struct conf_piece *map = owner ? conf_piece_of(owner->value) : NULL;
	if (!map || map->kind != CONF_PIECE_MAP)
		map = conf_piece_of(conf_piece_find(root, "endpoint")->value);
	if (variable->is_bool)
		value = str_eq(value, "0") ? "false" : "true";
	struct conf_item *item = conf_piece_find(map, variable->key);
	struct conf_mark mark = item ? item->key->mark : map->mark;
	struct conf_piece *piece =
		conf_piece_text(move->arena, value, CONF_STYLE_PLAIN, mark);
	if (item)
		item->value = piece;
	else
		conf_piece_insert(map,
			conf_item_new(move->arena, variable->key, piece, mark),
			conf_endpoint_order);
	conf_note(move, CONF_NOTE_CHANGED, mark,
		"%s: what the variable %s says, which is no longer read",
		variable->key, variable->name);
}

static void
look_at_variables(struct conf_move *move)
{
	const struct conf_migrate_options *options = move->options;
	struct conf_mark mark =
		conf_piece_find(move->paper->root, "endpoint")->key->mark;
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		const char *value = options->variable
			? options->variable(variables[i].name)
			: NULL;
		if (!value || *value == '\0')
			continue;
		if (options->bake)
			bake(move, &variables[i], value);
		else
			conf_note(move, CONF_NOTE_MEANING, mark,
				"the variable %s is set, and no longer read; "
				"--bake-env writes what it says into the file",
				variables[i].name);
	}
}

/* Once there was no ${NAME}. */
static void
look_for_braces(struct conf_move *move, const struct conf_piece *piece)
{
	if (piece->kind == CONF_PIECE_SCALAR) {
		if (strstr(piece->text, "${") && piece->mark.line > 0)
			conf_note(move, CONF_NOTE_MEANING, piece->mark,
				"${...} is filled in now, from a variable or a "
				"file; write $${ for a plain ${");
		return;
	}
	if (piece->kind == CONF_PIECE_ALIAS)
		return;
	for (const struct conf_item *item = piece->first; item;
		item = item->next)
		look_for_braces(move, item->value);
}

/* Doing it. */

static bool
is_map(const struct conf_yaml_item *item)
{
	return item && item->value.kind == CONF_NODE_MAP;
}

bool
conf_is_legacy(const struct conf_yaml *root)
{
	return is_map(conf_yaml_find(root, "endpoint"))
		&& !conf_yaml_find(root, "endpoints");
}

/* README of 0.6.9 and later had it wrong. */
static bool
has_slip(const struct conf_yaml_item *messages)
{
	return is_map(messages)
		&& conf_yaml_find(&messages->value, "incident_performace")
		&& !conf_yaml_find(&messages->value, "incident_performance");
}

enum conf_age
conf_age_of(const struct conf_yaml *root)
{
	const struct conf_yaml_item *cachet = conf_yaml_find(root, "cachet");
	if (conf_is_legacy(root))
		return CONF_BEFORE_0_6;
	if (!conf_yaml_find(root, "endpoints"))
		return CONF_OF_TODAY;
	return conf_yaml_find(root, "endpoint")
			|| has_slip(conf_yaml_find(root, "messages"))
			|| (is_map(cachet)
				&& conf_yaml_find(
					&cachet->value, "latency_unit"))
		? CONF_OF_0_6
		: CONF_OF_TODAY;
}

static bool
write_out(struct conf_move *move, struct err *err)
{
	struct buf out;
	struct conf_migration *migration = move->migration;
	buf_init(&out, OUT_MAX);
	conf_paper_write(move->paper, &out, migration);
	migration->text = arena_dup_n(move->arena, out.data, out.len);
	migration->len = out.len;
	struct conf_paper again;
	bool same = !out.full
		&& conf_paper_read(&again, migration->text, migration->len,
			move->arena, err)
		&& conf_piece_same(move->paper->root, again.root);
	if (!out.full)
		conf_paper_finish(&again);
	buf_finish(&out);
	return same
		|| err_set(err,
			"its keys cannot be put in their new places; "
			"write anchors and unusual YAML out first");
}

static bool
migrate(struct conf_move *move, bool legacy, struct err *err)
{
	conf_paper_find_comments(move->paper);
	if (legacy) {
		look_at_variables(move);
		conf_move_legacy(move);
		look_for_braces(move, move->paper->root);
	}
	/* Again where a key stood twice. */
	size_t before;
	unsigned rounds = 0;
	do {
		before = move->changes;
		conf_move_modern(move);
	} while (move->changes > before && ++rounds < ROUNDS_MAX);
	move->migration->format = legacy ? "0.1 to 0.5" : "0.6 or later";
	move->migration->changed = move->changed;
	return !move->changed || write_out(move, err);
}

/* In line ends of Unix and without a mark in front. */
static const char *
normal_text(const char *text, size_t *len, bool *returns, struct arena *arena)
{
	if (*len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3, *len -= 3;
	char *normal = arena_dup_n(arena, text, *len);
	size_t n = 0;
	for (size_t i = 0; i < *len; i++) {
		if (normal[i] != '\r')
			normal[n++] = normal[i];
		else if (i + 1 == *len || normal[i + 1] != '\n')
			normal[n++] = '\n'; /* the only one, as on old Macs */
	}
	normal[n] = '\0';
	*returns = n < *len;
	*len = n;
	return normal;
}

static void
put_returns(struct conf_migration *migration, struct arena *arena)
{
	size_t lines = 0;
	for (size_t i = 0; i < migration->len; i++)
		lines += migration->text[i] == '\n';
	char *text = arena_alloc(arena, migration->len + lines + 1);
	size_t n = 0;
	for (size_t i = 0; i < migration->len; i++) {
		if (migration->text[i] == '\n')
			text[n++] = '\r';
		text[n++] = migration->text[i];
	}
	migration->text = text;
	migration->len = n;
}

static bool
check_root(const struct conf_yaml *root, bool *legacy, struct err *err,
	struct conf_mark *where)
{
	*where = root->mark;
	if (root->kind != CONF_NODE_MAP)
		return err_set(err,
			"expected a map with a key \"endpoints:\", "
			"or \"endpoint:\" of before 0.6");
	*legacy = conf_is_legacy(root);
	if (*legacy || conf_yaml_find(root, "endpoints"))
		return true;
	const struct conf_yaml_item *endpoint =
		conf_yaml_find(root, "endpoint");
	if (!endpoint && conf_yaml_find(root, "monitors"))
		return err_set(err,
			"this looks like a configuration of cachet-monitor; "
			"`curlew import` takes it");
	if (!endpoint)
		return err_set(err,
			"this is no configuration of cachet-url-monitor: it "
			"has neither \"endpoints\" nor \"endpoint\"");
	*where = endpoint->mark;
	return err_set(err,
		"endpoint: expected a map of url, method, ...; "
		"a list is called endpoints");
}

static bool
check_size(size_t len, struct err *err)
{
	if (len == 0)
		return err_set(err, "the file is empty");
	return len <= CONF_MIGRATE_BYTES_MAX
		|| err_set(err, "the file is longer than %d MiB",
			CONF_MIGRATE_BYTES_MAX / (1024 * 1024));
}

bool
conf_migrate(const char *text, size_t len,
	const struct conf_migrate_options *options, struct arena *arena,
	struct conf_migration *migration, struct err *err,
	struct conf_mark *where)
{
	*migration = (struct conf_migration){ .text = text, .len = len };
	*where = (struct conf_mark){ 0 };
	struct conf_yaml root;
	bool legacy = false, returns = false;
	if (!check_size(len, err)
		|| (conf_unicode_is_16(text, len)
			&& !conf_unicode(&text, &len, arena, err))
		|| !conf_yaml_read(text, len, arena, &root, err, where)
		|| !check_root(&root, &legacy, err, where))
		return false;
	*where = (struct conf_mark){ 0 };
	const char *normal = normal_text(text, &len, &returns, arena);
	struct conf_paper paper;
	struct conf_move move = {
		.arena = arena,
		.paper = &paper,
		.options = options,
		.migration = migration,
	};
	bool good = conf_paper_read(&paper, normal, len, arena, err)
		&& migrate(&move, legacy, err);
	conf_paper_finish(&paper);
	migration->notes = move.notes;
	if (good && move.changed && returns)
		put_returns(migration, arena);
	return good;
}

/* Complaints. */

struct conf_mark
conf_migration_place(
	const struct conf_migration *migration, struct conf_mark now)
{
	const struct conf_place *best = NULL;
	for (size_t i = 0; i < migration->n_places; i++) {
		const struct conf_place *place = &migration->places[i];
		if (place->now.line > now.line
			|| (place->now.line == now.line
				&& place->now.column > now.column))
			break;
		best = place;
	}
	struct conf_mark before = best ? best->before : (struct conf_mark){ 0 };
	if (best && best->verbatim && best->now.line == now.line)
		before.column += now.column - best->now.column;
	return before;
}

/* ":12:7" of a message; `rest` is what comes after it. */
static bool
read_place(const char *text, struct conf_mark *mark, const char **rest)
{
	char *end;
	if (text[0] != ':' || text[1] < '0' || text[1] > '9')
		return false;
	mark->line = (uint32_t)strtoul(text + 1, &end, 10);
	if (end[0] != ':' || end[1] < '0' || end[1] > '9')
		return false;
	mark->column = (uint32_t)strtoul(end + 1, &end, 10);
	*rest = end;
	return true;
}

/* The place before the sentence, if there is one. */
static struct conf_mark
take_place(const struct conf_migration_complaints *complaints,
	const char **message)
{
	size_t len = strlen(complaints->path);
	struct conf_mark now;
	if (strncmp(*message, complaints->path, len) != 0
		|| !read_place(*message + len, &now, message))
		return (struct conf_mark){ 0 };
	return complaints->migration->changed
		? conf_migration_place(complaints->migration, now)
		: now;
}

/* False: it is of something else. */
static bool
note_unknown(const struct conf_migration_complaints *complaints,
	struct conf_mark mark, const char *sentence)
{
	struct conf_migration *migration = complaints->migration;
	if (!complaints->arena || !strstr(sentence, ": " CONF_UNKNOWN_KEY))
		return false;
	if (migration->n_notes++ < CONF_NOTES_MAX)
		keep_note(&migration->notes,
			&(struct conf_note){ .kind = CONF_NOTE_LOST,
				.mark = mark,
				.text = arena_dup(complaints->arena,
					sentence + strspn(sentence, ": ")) },
			complaints->arena);
	return true;
}

void
conf_migration_complain(
	void *cookie, enum conf_severity severity, const char *message)
{
	const struct conf_migration_complaints *complaints = cookie;
	const char *rest = message;
	struct conf_mark mark = take_place(complaints, &rest);
	struct buf out;
	if (severity == CONF_WARNING && note_unknown(complaints, mark, rest))
		return;
	if (rest == message) {
		complaints->complain(complaints->cookie, severity, message);
		return;
	}
	buf_init(&out, strlen(message) + 64);
	buf_add_text(&out, complaints->path);
	if (mark.line > 0)
		buf_printf(
			&out, ":%" PRIu32 ":%" PRIu32, mark.line, mark.column);
	buf_add_text(&out, rest);
	complaints->complain(complaints->cookie, severity, out.data);
	buf_finish(&out);
}

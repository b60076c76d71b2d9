/*
 *     conf_zone_check -> conf_zone_find
 *     conf_zone_find -> load -> zone_read
 *                    -> refuse -> walk -> consider
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/file.h"
#include "agent/base/str.h"
#include "agent/base/zone.h"
#include "conf/reader.h"
#include "conf/suggest.h"
#include "conf/zone.h"

enum {
	ABBREVIATION_MAX = 4,
	NAME_MAX_BYTES = 100,
	FILE_MAX = 64 * 1024,
	DEPTH_MAX = 3, /* America/Argentina/Salta */
	NAMES_MAX = 5000,
};

const struct conf_shape conf_zone_shape = {
	.what = "UTC, hours and minutes such as +09:00, or a name such as"
		" Asia/Seoul",
	.pattern = "^([Uu][Tt][Cc]|[Zz]|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?"
		   "|[A-Za-z][A-Za-z0-9_+/-]*)$",
};

static const char *
folder(void)
{
	const char *own = getenv("TZDIR");
	return own && *own == '/' ? own : "/usr/share/zoneinfo";
}

/* A name, and no path to elsewhere. */
static bool
is_name(const char *text)
{
	size_t len = strspn(text,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789_+-/");
	return len > 0 && len <= NAME_MAX_BYTES && text[len] == '\0'
		&& *text != '/' && *text != '-' && *text != '+'
		&& !strstr(text, "//");
}

static const struct zone *
load(const char *name, struct arena *arena, struct err *err)
{
	struct buf bytes;
	const struct zone *zone = NULL;
	const char *path = arena_printf(arena, "%s/%s", folder(), name);
	buf_init(&bytes, FILE_MAX);
	if (file_read(path, &bytes, err))
		zone = zone_read(bytes.data, bytes.len, arena, err);
	buf_finish(&bytes);
	return zone;
}

struct walk {
	struct conf_suggestion near;
	const char *same; /* with the same last word, such as Seoul */
	struct arena *arena;
	size_t n;
};

/* Copies of all of it, with other clocks. */
static bool
is_skipped(const char *name)
{
	return name[0] == '.' || str_eq(name, "posix") || str_eq(name, "right")
		|| strchr(name, '.');
}

static void
consider(struct walk *walking, const char *name, const char *last)
{
	const char *text = walking->near.word;
	conf_suggest(&walking->near, name);
	if (str_ieq(text, last) || str_ieq(text, name))
		walking->same = name;
}

static void
walk(struct walk *walking, const char *below, int depth)
{
	DIR *dir =
		opendir(arena_printf(walking->arena, "%s/%s", folder(), below));
	const struct dirent *entry;
	while (dir && walking->n < NAMES_MAX && (entry = readdir(dir))) {
		struct stat about;
		if (is_skipped(entry->d_name))
			continue;
		const char *name = arena_printf(walking->arena, "%s%s%s", below,
			*below != '\0' ? "/" : "", entry->d_name);
		const char *path =
			arena_printf(walking->arena, "%s/%s", folder(), name);
		walking->n++;
		if (stat(path, &about) != 0)
			continue;
		if (!S_ISDIR(about.st_mode))
			consider(walking, name, entry->d_name);
		else if (depth < DEPTH_MAX)
			walk(walking, name, depth + 1);
	}
	if (dir)
		closedir(dir);
}

static void
refuse(const char *text, struct arena *arena, struct err *err)
{
	struct walk walking = { .near = { .word = text }, .arena = arena };
	if (access(folder(), R_OK | X_OK) != 0) {
		err_set(err,
			"names of time zones need the package tzdata: %s is "
			"not there; how far the clocks are ahead of UTC, such "
			"as '+09:00', always works",
			folder());
		return;
	}
	walk(&walking, "", 1);
	/* KST is one letter from MST, and half a world. */
	bool is_short = strlen(text) <= ABBREVIATION_MAX;
	const char *near = walking.same ? walking.same
		: is_short		? NULL
					: walking.near.best;
	err_set(err, "there is no time zone \"%.60s\"%s%s%s", text,
		near ? "; did you mean "
		     : "; expected UTC, how far it is "
		       "ahead, such as '+09:00', or a name "
		       "such as Asia/Seoul",
		near ? near : "", near ? "?" : "");
}

const struct zone *
conf_zone_find(const char *text, struct arena *arena, struct err *err)
{
	int64_t ahead_ms;
	struct err ignored;
	if (conf_zone(text, &ahead_ms))
		return zone_fixed(ahead_ms, arena);
	const struct zone *zone =
		is_name(text) ? load(text, arena, &ignored) : NULL;
	if (!zone)
		refuse(text, arena, err);
	return zone;
}

void
conf_zone_check(const char *text, struct conf_reader *reader)
{
	struct arena *arena = arena_new();
	struct err err;
	if (!conf_zone_find(text, arena, &err))
		conf_reject(reader, "time_zone", "%s", err.text);
	arena_free(arena);
}

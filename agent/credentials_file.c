/*
 * The shared credentials file of AWS's own programs:
 *
 *     [default]
 *     aws_access_key_id = AKIA...
 *     aws_secret_access_key = ...
 */
#include "agent/credentials_internal.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"

enum {
	FILE_MAX = 256 * 1024,
	NAME_MAX_SHOWN = 60,
};

/* What one profile has. */
struct profile {
	bool is_there;
	const char *id;
	const char *secret;
	const char *session;
};

static const char *
path_of(const struct credentials_world *world, struct arena *arena)
{
	const char *path =
		credentials_variable(world, "AWS_SHARED_CREDENTIALS_FILE");
	if (!path)
		path = "~/.aws/credentials";
	if (!str_starts(path, "~/"))
		return path;
	const char *home = credentials_variable(world, "HOME");
	return home ? arena_printf(arena, "%s%s", home, path + 1) : NULL;
}

/* Cut `line` where it ends without the blanks there; returns its beginning. */
static char *
trim(char *line)
{
	const char *blanks = " \t\r\n";
	line += strspn(line, blanks);
	size_t len = strlen(line);
	while (len > 0 && strchr(blanks, line[len - 1]))
		line[--len] = '\0';
	return line;
}

/* "[name]", as a line of its own.  NULL when it is no such line. */
static const char *
section_of(char *line)
{
	char *end = strchr(line, ']');
	if (*line != '[' || !end)
		return NULL;
	*end = '\0';
	return trim(line + 1);
}

static void
read_line(char *line, struct profile *profile)
{
	char *equals = strchr(line, '=');
	if (!equals)
		return;
	*equals = '\0';
	const char *key = trim(line);
	const char *value = trim(equals + 1);
	if (str_ieq(key, "aws_access_key_id"))
		profile->id = value;
	else if (str_ieq(key, "aws_secret_access_key"))
		profile->secret = value;
	else if (str_ieq(key, "aws_session_token"))
		profile->session = value;
}

static void
read_profile(char *text, const char *name, struct profile *profile)
{
	bool inside = false;
	char *next = text;
	while (next) {
		char *line = next;
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		/* What is indented belongs to the line before it. */
		if (strchr(" \t#;", *line))
			continue;
		line = trim(line);
		const char *section = section_of(line);
		if (section) {
			inside = str_eq(section, name);
			profile->is_there |= inside;
		} else if (inside) {
			read_line(line, profile);
		}
	}
}

static enum credentials_file_found
take(const struct profile *profile, const char *path, const char *name,
	struct credentials_keys *keys, struct err *err)
{
	if (!profile->id) {
		err_set(err,
			"the profile %.*s in %s has no aws_access_key_id (a "
			"role, a process or a single sign-on in its place is "
			"not understood)",
			NAME_MAX_SHOWN, name, path);
		return CREDENTIALS_FILE_NONE;
	}
	if (!profile->secret
		|| !credentials_keys_set(
			keys, profile->id, profile->secret, profile->session)) {
		err_set(err,
			"the profile %.*s in %s has an aws_access_key_id, but "
			"no aws_secret_access_key that fits",
			NAME_MAX_SHOWN, name, path);
		return CREDENTIALS_FILE_WRONG;
	}
	return CREDENTIALS_FILE_KEYS;
}

static enum credentials_file_found
read_file(const struct credentials_world *world, const char *path,
	struct buf *text, struct credentials_keys *keys, struct err *err)
{
	const char *chosen = credentials_variable(world, "AWS_PROFILE");
	const char *name = chosen ? chosen : "default";
	bool missing = false;
	if (!world->file(world->cookie, path, text, &missing, err)) {
		if (missing)
			err_set(err, "there is no %s", path);
		return missing && !chosen ? CREDENTIALS_FILE_NONE
					  : CREDENTIALS_FILE_WRONG;
	}
	struct profile profile = { 0 };
	read_profile(text->data, name, &profile);
	if (profile.is_there)
		return take(&profile, path, name, keys, err);
	err_set(err, "there is no profile %.*s in %s", NAME_MAX_SHOWN, name,
		path);
	return chosen ? CREDENTIALS_FILE_WRONG : CREDENTIALS_FILE_NONE;
}

enum credentials_file_found
credentials_file_read(const struct credentials_world *world,
	struct credentials_keys *keys, struct err *err)
{
	struct arena *arena = arena_new_small();
	struct buf text;
	buf_init(&text, FILE_MAX);
	enum credentials_file_found found = CREDENTIALS_FILE_NONE;
	const char *path = path_of(world, arena);
	if (path)
		found = read_file(world, path, &text, keys, err);
	else
		err_set(err, "there is no HOME with a credentials file");
	buf_finish(&text);
	arena_free(arena);
	return found;
}

#include "conf/environment.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"

enum {
	NAME_MAX_LEN = 128,
	PATH_MAX_LEN = 1024,
	FILE_MAX_BYTES = 64 * 1024,
};

static const char name_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/* One `${...}`, without its braces. */
struct reference {
	const char *inner;
	size_t len;
};

static bool
add_file(struct buf *out, const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return err_set(err, "cannot read the file %s: %s", path,
			err_system(errno));
	char bytes[FILE_MAX_BYTES + 1];
	size_t len = fread(bytes, 1, sizeof(bytes), file);
	bool broken = ferror(file) != 0;
	fclose(file);
	if (broken)
		return err_set(err, "cannot read the file %s", path);
	while (len > 0 && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r'))
		len--;
	if (len > FILE_MAX_BYTES)
		return err_set(err, "the file %s is longer than %d KiB", path,
			FILE_MAX_BYTES / 1024);
	if (memchr(bytes, '\0', len))
		return err_set(err, "the file %s is not a text", path);
	buf_add(out, bytes, len);
	return true;
}

/* False: it is too long. */
static bool
copy_path(const struct reference *ref, char path[static PATH_MAX_LEN])
{
	size_t skip = strlen("file:");
	size_t len = ref->len - skip;
	if (len >= PATH_MAX_LEN)
		return false;
	memcpy(path, ref->inner + skip, len);
	path[len] = '\0';
	return true;
}

static enum conf_fill
fill_file(const struct reference *ref, struct buf *out, struct err *err)
{
	char path[PATH_MAX_LEN];
	if (!copy_path(ref, path)) {
		err_set(err, "the path of a ${file:...} is too long");
		return CONF_FILL_FAILED;
	}
	return add_file(out, path, err) ? CONF_FILL_DONE : CONF_FILL_FAILED;
}

static enum conf_fill
fill_name(const struct reference *ref, struct buf *out, struct err *err)
{
	char name[NAME_MAX_LEN];
	size_t len = strspn(ref->inner, name_chars);
	memcpy(name, ref->inner, len);
	name[len] = '\0';
	const char *value = getenv(name);
	bool has_default = ref->inner[len] == ':';
	if (value && !(has_default && *value == '\0')) {
		buf_add_text(out, value);
		return CONF_FILL_DONE;
	}
	if (has_default) {
		buf_add(out, ref->inner + len + 2, ref->len - len - 2);
		return CONF_FILL_DONE;
	}
	buf_add(out, ref->inner - 2, ref->len + 3);
	err_set(err,
		"the environment variable %s is not set; set it, or write "
		"${%s:-default}",
		name, name);
	return CONF_FILL_UNSET;
}

/* True for what is one of our forms; anything else may be a pattern. */
static bool
is_reference(const char *text, struct reference *ref)
{
	const char *end = str_starts(text, "${") ? strchr(text, '}') : NULL;
	if (!end)
		return false;
	ref->inner = text + 2;
	ref->len = (size_t)(end - ref->inner);
	if (str_starts(ref->inner, "file:"))
		return ref->len > strlen("file:");
	size_t len = strspn(ref->inner, name_chars);
	if (len == 0 || len >= NAME_MAX_LEN
		|| (*ref->inner >= '0' && *ref->inner <= '9'))
		return false;
	return len == ref->len || str_starts(ref->inner + len, ":-");
}

static enum conf_fill
fill_reference(const struct reference *ref, struct buf *out, struct err *err)
{
	if (str_starts(ref->inner, "file:"))
		return fill_file(ref, out, err);
	return fill_name(ref, out, err);
}

static void
double_braces(const struct buf *value, struct buf *out)
{
	for (const char *at = value->data; *at != '\0'; at++) {
		if (*at == '{' || *at == '}')
			buf_add_char(out, *at);
		buf_add_char(out, *at);
	}
}

/* Who hears what the forms of a template stand for. */
struct hearer {
	conf_environment_value_fn *each;
	void *cookie;
};

static enum conf_fill
fill_template(const struct reference *ref, const struct hearer *hearer,
	struct buf *out, struct err *err)
{
	struct buf value;
	buf_init(&value, out->max);
	enum conf_fill got = fill_reference(ref, &value, err);
	if (got == CONF_FILL_DONE) {
		double_braces(&value, out);
		hearer->each(hearer->cookie, value.data);
	}
	out->full |= value.full;
	buf_finish(&value);
	return got;
}

/* `hearer` NULL: it is no template. */
static enum conf_fill
fill(const char *text, const struct hearer *hearer, struct buf *out,
	struct err *err)
{
	enum conf_fill worst = CONF_FILL_DONE;
	while (*text != '\0') {
		struct reference ref;
		struct err trouble;
		size_t plain = strcspn(text, "$");
		buf_add(out, text, plain);
		text += plain;
		if (str_starts(text, "$${")) {
			buf_add_text(out, "${");
			text += strlen("$${");
		} else if (is_reference(text, &ref)) {
			enum conf_fill got = hearer
				? fill_template(&ref, hearer, out, &trouble)
				: fill_reference(&ref, out, &trouble);
			if (got > worst) {
				worst = got;
				*err = trouble;
			}
			text = ref.inner + ref.len + 1;
		} else if (*text == '$') {
			buf_add_char(out, *text++);
		}
	}
	if (out->full) {
		err_set(err, "it is too long once it is filled in");
		return CONF_FILL_FAILED;
	}
	return worst;
}

enum conf_fill
conf_environment_fill(const char *text, struct buf *out, struct err *err)
{
	return fill(text, NULL, out, err);
}

enum conf_fill
conf_environment_fill_template(const char *text,
	conf_environment_value_fn *each, void *cookie, struct buf *out,
	struct err *err)
{
	const struct hearer hearer = { each, cookie };
	return fill(text, &hearer, out, err);
}

void
conf_environment_files(
	const char *text, conf_environment_file_fn *each, void *cookie)
{
	for (; (text = strchr(text, '$')); text++) {
		struct reference ref;
		char path[PATH_MAX_LEN];
		if (str_starts(text, "$${"))
			text++;
		else if (is_reference(text, &ref)
			&& str_starts(ref.inner, "file:")
			&& copy_path(&ref, path))
			each(cookie, path);
	}
}

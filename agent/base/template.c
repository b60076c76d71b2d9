#include "agent/base/template.h"

#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"

enum {
	KEY_MAX = 128,
};

/* At a `{` that opens a field; returns what follows its `}`. */
static const char *
expand_field(const char *at, template_lookup_fn *lookup, void *cookie,
	struct buf *out, struct err *err)
{
	const char *end = strchr(at, '}');
	if (!end) {
		err_set(err, "a { is not closed; write {{ for a brace");
		return NULL;
	}
	char key[KEY_MAX];
	size_t len = (size_t)(end - at) - 1;
	if (len == 0 || len >= sizeof(key)) {
		err_set(err, "there is no key between { and }");
		return NULL;
	}
	memcpy(key, at + 1, len);
	key[len] = '\0';
	const char *value = lookup(cookie, key);
	if (!value) {
		err_set(err, "there is no {%s} to fill in", key);
		return NULL;
	}
	buf_add_text(out, value);
	return end + 1;
}

bool
template_expand(const char *text, template_lookup_fn *lookup, void *cookie,
	struct buf *out, struct err *err)
{
	while (*text != '\0') {
		size_t plain = strcspn(text, "{}");
		buf_add(out, text, plain);
		text += plain;
		if (*text == '\0')
			break;
		if (text[0] == text[1]) {
			buf_add_char(out, *text);
			text += 2;
		} else if (*text == '}') {
			return err_set(
				err, "a } has no {; write }} for a brace");
		} else {
			text = expand_field(text, lookup, cookie, out, err);
			if (!text)
				return false;
		}
	}
	return true;
}

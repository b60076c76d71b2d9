#include "conf/tag.h"

#include <string.h>

#include "agent/base/err.h"
#include "agent/base/str.h"
#include "conf/scalar.h"

/* What follows tag:yaml.org,2002:, which is !! in a file; else "". */
static const char *
standard_name(const char *tag)
{
	static const char standard[] = "tag:yaml.org,2002:";
	return str_starts(tag, standard) ? tag + strlen(standard) : "";
}

static bool
unknown(const char *tag, struct err *err)
{
	return err_set(err, "there is no tag %.80s here", tag);
}

/* Numbers may be written in more ways than a plain one. */
static bool
fits(enum conf_node_kind wanted, const char *text)
{
	enum conf_node_kind plain = conf_scalar_kind(text);
	double ignored;
	switch (wanted) {
	case CONF_NODE_BOOL:
		return conf_scalar_is_bool_word(text);
	case CONF_NODE_FLOAT:
		return plain == CONF_NODE_INT || plain == CONF_NODE_FLOAT
			|| str_number(text, &ignored);
	case CONF_NODE_NULL:
	case CONF_NODE_TEXT:
		return true;
	default:
		return plain == wanted;
	}
}

bool
conf_tag_apply(const char *tag, const char *text, struct conf_yaml *value,
	struct err *err)
{
	static const struct {
		const char *name;
		enum conf_node_kind kind;
	} tags[] = {
		{ "null", CONF_NODE_NULL },
		{ "bool", CONF_NODE_BOOL },
		{ "int", CONF_NODE_INT },
		{ "float", CONF_NODE_FLOAT },
		{ "str", CONF_NODE_TEXT },
		{ "timestamp", CONF_NODE_TEXT },
	};
	const char *name = standard_name(tag);
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (!str_eq(name, tags[i].name))
			continue;
		value->kind = (uint8_t)tags[i].kind;
		if (fits(tags[i].kind, text))
			return true;
		return err_set(err, "this is no %s", name);
	}
	return unknown(tag, err);
}

bool
conf_tag_allow(const char *tag, enum conf_node_kind kind, struct err *err)
{
	if (!tag || str_eq(tag, "!"))
		return true;
	if (str_eq(standard_name(tag), kind == CONF_NODE_MAP ? "map" : "seq"))
		return true;
	return unknown(tag, err);
}

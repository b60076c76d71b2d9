/* `messages:`, as it is read; titles.c makes titles of it. */
#include "agent/base/str.h"
#include "conf/document.h"
#include "conf/reader.h"

#define OUTAGE_TITLE "{name} is unavailable"
#define PERFORMANCE_TITLE "{name} has degraded performance"
#define OPERATIONAL_TITLE "{name} is operational"

const struct conf_messages conf_default_messages = {
	.incident_outage = OUTAGE_TITLE,
	.incident_performance = PERFORMANCE_TITLE,
	.incident_operational = OPERATIONAL_TITLE,
};

/* Each key of an endpoint is one; these are examples. */
static const struct conf_word words[] = {
	{ "name", "the endpoint's name" },
	{ "url", "its URL, without user and password" },
	{ "header[Accept]", "one of its headers, if it is no secret" },
	{ "frequency", "any other key that the endpoint has, as written" },
	{ NULL, NULL },
};

static const struct conf_shape title_shape = {
	.what = "a title with {key} in it, as Python's str.format() has it",
};

static const struct conf_field fields[] = {
	{ "incident_outage", CONF_STRING(struct conf_messages, incident_outage),
		.flags = CONF_OF_OLD | CONF_NOT_EMPTY, .fallback = OUTAGE_TITLE,
		.shape = &title_shape, .words = words,
		.help = "The title of an outage." },
	{ "incident_performance",
		CONF_STRING(struct conf_messages, incident_performance),
		.flags = CONF_OF_OLD | CONF_NOT_EMPTY,
		.fallback = PERFORMANCE_TITLE, .shape = &title_shape,
		.words = words,
		.help = "The title of trouble with the latency." },
	{ "incident_operational",
		CONF_STRING(struct conf_messages, incident_operational),
		.flags = CONF_OF_OLD | CONF_NOT_EMPTY,
		.fallback = OPERATIONAL_TITLE, .shape = &title_shape,
		.words = words, .help = "The title of a recovery." },
	{ 0 },
};

const struct conf_section conf_messages_section = {
	.name = "messages",
	.size = sizeof(struct conf_messages),
	.fields = fields,
	.of_old = true,
};

static bool
is_known(const char *key)
{
	for (const struct conf_field *field = fields; field->key; field++)
		if (str_eq(field->key, key))
			return true;
	return false;
}

void
conf_check_messages(struct conf_reader *reader)
{
	const struct conf_yaml_item *messages = conf_given(reader, "messages");
	if (!messages || messages->value.kind != CONF_NODE_MAP)
		return;
	struct conf_frame frame = { .up = reader->frame,
		.key = "messages",
		.index = CONF_NO_INDEX,
		.map = &messages->value };
	for (size_t i = 0; i < messages->value.count; i++) {
		const struct conf_yaml_item *item = &messages->value.items[i];
		bool is_scalar = conf_yaml_is_scalar(&item->value);
		if (item->value.kind == CONF_NODE_TEXT
			|| str_starts(item->key, "x-"))
			continue;
		if (!is_scalar && is_known(item->key))
			continue; /* complained of already */
		/* In the words of the old tool, which scripts may know. */
		conf_complain_key(reader, CONF_ERROR, &frame, item->key,
			conf_item_mark(item),
			"message.%s must be a text; write it in quotes",
			item->key);
	}
}

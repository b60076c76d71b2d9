/*
 * The titles of each endpoint: the templates of `messages:`, filled in.
 *
 *     conf_complete_endpoints -> fill_in -> conf_format -> on_key_wanted
 *                             -> complain_of
 */

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "conf/document.h"
#include "conf/format.h"
#include "conf/reader.h"
#include "conf/secret.h"

enum {
	TITLE_MAX = 4096,
};

/* The endpoint for which a template is being filled in. */
struct filler {
	struct conf_reader *reader;
	const struct conf_endpoint *endpoint;
	const struct conf_yaml *map; /* what was written for it */
	bool refused; /* the template asks for a secret */
	struct err err;
	struct buf out;
};

/* The endpoints that a template does not fit, for one reason. */
struct misfits {
	size_t count;
	size_t first;
	struct err err; /* of the first */
};

/* One of the three. */
struct wording {
	const char *key;
	const char *text;
	const char *usual; /* what is taken where it does not fit */
	bool broken; /* it fits none */
	struct misfits unfilled;
	struct misfits refused;
};

static const struct conf_field *
field_of(const struct filler *filler, const char *key)
{
	const struct conf_variant *variant = filler->endpoint->probe.variant;
	const struct conf_field *field =
		variant ? variant->section.fields : NULL;
	for (; field && field->key; field++)
		if (str_eq(field->key, key)
			|| (field->alias && str_eq(field->alias, key)))
			return field;
	return NULL;
}

static bool
is_secret(const struct filler *filler, const struct conf_yaml_item *item,
	const char *inside)
{
	const struct conf_field *field = field_of(filler, item->key);
	if (!field || !(field->flags & CONF_SECRET))
		return false;
	if (str_eq(item->key, "url"))
		return false; /* what is secret of it is left out */
	if (field->kind != CONF_KIND_PAIRS || item->value.kind != CONF_NODE_MAP)
		return true;
	for (size_t i = 0; i < item->value.count; i++) {
		const struct conf_yaml_item *pair = &item->value.items[i];
		bool asked = !inside || str_eq(pair->key, inside);
		if (asked && conf_is_secret_pair(pair))
			return true;
	}
	return false;
}

static const struct conf_node *
refuse(struct filler *filler, const char *key, const char *inside)
{
	filler->refused = true;
	if (inside)
		err_set(&filler->err, "{%.80s[%.80s]} may be a secret", key,
			inside);
	else
		err_set(&filler->err, "{%.80s} may be a secret", key);
	return NULL;
}

static const struct conf_node *
on_key_wanted(void *cookie, const char *key, const char *inside)
{
	struct filler *filler = cookie;
	struct conf_reader *reader = filler->reader;
	const struct conf_yaml_item *item = conf_yaml_find(filler->map, key);
	if (!item)
		return NULL;
	if (is_secret(filler, item, inside))
		return refuse(filler, key, inside);
	const struct conf_node *value = conf_raw_of(reader, &item->value);
	if (!str_eq(key, "url") || value->kind != CONF_NODE_TEXT)
		return value;
	struct conf_node *url = arena_alloc(reader->raw, sizeof(*url));
	*url = conf_format_text(conf_without_user(value->text, reader->raw));
	return url;
}

/* The title, in the arena of the document; NULL when it cannot be made. */
static const char *
make_title(struct filler *filler, const char *text, bool *broken)
{
	struct buf *out = &filler->out;
	struct err why;
	buf_clear(out);
	filler->refused = false;
	enum conf_format end =
		conf_format(text, on_key_wanted, filler, out, &why);
	arena_reset(filler->reader->raw);
	*broken = end == CONF_FORMAT_BROKEN;
	if (end == CONF_FORMAT_DONE && out->len == 0) {
		end = CONF_FORMAT_UNRESOLVED;
		err_set(&why, "the title is empty");
	}
	if (end != CONF_FORMAT_DONE) {
		if (!filler->refused)
			filler->err = why;
		return NULL;
	}
	char *title = arena_dup_n(filler->reader->arena, out->data, out->len);
	str_copy(title, out->len + 1, out->data); /* cut between characters */
	return title;
}

static const char *
fill_in(struct wording *wording, struct filler *filler, size_t index)
{
	bool broken = false;
	const char *title = wording->text && !wording->broken
		? make_title(filler, wording->text, &broken)
		: NULL;
	if (title)
		return title;
	if (wording->text && !wording->broken) {
		struct misfits *misfits = filler->refused ? &wording->refused
							  : &wording->unfilled;
		wording->broken = broken || *wording->text == '\0';
		if (misfits->count++ == 0) {
			misfits->first = index;
			misfits->err = filler->err;
		}
	}
	return make_title(filler, wording->usual, &broken);
}

static void
add_endpoints(struct conf_reader *reader, const struct misfits *misfits,
	struct buf *out)
{
	const struct conf_frame frame = { .up = &reader->root,
		.key = "endpoints",
		.index = misfits->first,
		.map = conf_given_item(reader, "endpoints", misfits->first) };
	struct buf path;
	buf_init(&path, out->max);
	conf_frame_path(&frame, &path);
	buf_printf(out, " for %s", path.data);
	if (misfits->count > 1)
		buf_printf(out, " and %zu more", misfits->count - 1);
	buf_finish(&path);
}

static void
complain(struct conf_reader *reader, const struct wording *wording,
	enum conf_severity severity, const char *sentence)
{
	const struct conf_yaml_item *messages = conf_given(reader, "messages");
	const struct conf_yaml_item *item = messages
		? conf_yaml_find(&messages->value, wording->key)
		: NULL;
	if (!item)
		return;
	struct conf_frame frame = { .up = reader->frame,
		.key = "messages",
		.index = CONF_NO_INDEX,
		.map = &messages->value };
	conf_complain_key(reader, severity, &frame, wording->key,
		conf_item_mark(item), "%s", sentence);
}

/* A file of old starts; a secret that would be told keeps it from that. */
static void
complain_of(const struct wording *wording, struct conf_reader *reader)
{
	struct buf sentence;
	buf_init(&sentence, 1024);
	if (wording->unfilled.count > 0) {
		buf_add_text(&sentence, wording->unfilled.err.text);
		if (!wording->broken)
			add_endpoints(reader, &wording->unfilled, &sentence);
		buf_printf(&sentence, "; \"%s\" is taken", wording->usual);
		complain(reader, wording, CONF_WARNING, sentence.data);
	}
	buf_clear(&sentence);
	if (wording->refused.count > 0) {
		buf_add_text(&sentence, wording->refused.err.text);
		add_endpoints(reader, &wording->refused, &sentence);
		complain(reader, wording, CONF_ERROR, sentence.data);
	}
	buf_finish(&sentence);
}

static void
complete(struct conf_endpoint *endpoint, struct filler *filler, size_t index,
	struct wording wordings[static 3])
{
	const struct conf_yaml_item *report_to =
		conf_yaml_find(filler->map, "report_to");
	endpoint->report_to_all =
		!report_to || report_to->value.kind == CONF_NODE_NULL;
	if (!endpoint->name)
		return; /* complained of already */
	endpoint->titles = (struct event_titles){
		.outage = fill_in(&wordings[0], filler, index),
		.performance = fill_in(&wordings[1], filler, index),
		.operational = fill_in(&wordings[2], filler, index),
	};
}

void
conf_complete_endpoints(const struct conf *conf, struct conf_reader *reader)
{
	const struct conf_messages *usual = &conf_default_messages;
	const struct conf_messages *given =
		conf->messages ? conf->messages : usual;
	struct wording wordings[3] = {
		{ "incident_outage", given->incident_outage,
			.usual = usual->incident_outage },
		{ "incident_performance", given->incident_performance,
			.usual = usual->incident_performance },
		{ "incident_operational", given->incident_operational,
			.usual = usual->incident_operational },
	};
	struct conf_endpoint *endpoints = conf_open_endpoints(conf);
	struct filler filler = { .reader = reader };
	buf_init(&filler.out, TITLE_MAX);
	for (size_t i = 0; i < conf->endpoints.count; i++) {
		filler.endpoint = &endpoints[i];
		filler.map = conf_given_item(reader, "endpoints", i);
		complete(&endpoints[i], &filler, i, wordings);
	}
	buf_finish(&filler.out);
	for (size_t i = 0; i < 3; i++)
		complain_of(&wordings[i], reader);
}

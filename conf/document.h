/*
 * The parts of conf_load(): what is checked and filled in once the file has
 * been read.  Only conf/ includes this.
 */
#pragma once

#include "conf/conf.h"
#include "conf/migrate.h"

struct arena;
struct conf_reader;
struct err;

#define CONF_ID_MAX 9007199254740991.0 /* what JSON can hold */

extern const struct conf_section conf_document;
extern const struct conf_section conf_endpoint_section;
extern const struct conf_section conf_messages_section;
extern const struct conf_section conf_server_section;

/** Names, reporters, actions: rules between sections.  The reader is open. */
void conf_check_document(const struct conf *conf, struct conf_reader *reader);

/** Fill in each endpoint's `places`. */
void conf_complete_places(const struct conf *conf, struct conf_reader *reader);

/** What stands under `messages:` is text, whatever its key. */
void conf_check_messages(struct conf_reader *reader);

/**
 * Fill in each endpoint's `titles` and `report_to_all`.  Where a template does
 * not fit an endpoint, the default one is taken.
 */
void conf_complete_endpoints(
	const struct conf *conf, struct conf_reader *reader);

/** What is wrong with where on the server something comes in; or NULL. */
const char *conf_path_fault(const char *path);

/** Who hears of complaints. */
struct conf_listener {
	conf_complain_fn *complain;
	void *cookie;
};

/**
 * What is not of today, migrated in memory.  False: it can be read as it
 * stands, and has to be; why was told.
 */
bool conf_load_older(const char *path, enum conf_age age,
	const struct conf_types *types, const struct conf_listener *listener,
	struct conf **conf);

/** Where the state is kept when the file does not say.  NULL: nowhere. */
const char *conf_default_state(struct arena *arena, struct err *err);

/** The endpoints, while the document is still being made. */
struct conf_endpoint *conf_open_endpoints(const struct conf *conf);

/** What `messages` is by default. */
extern const struct conf_messages conf_default_messages;

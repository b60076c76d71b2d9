/*
 * Into a configuration that is there.
 *
 *     cli_scrape_update -> read_old -> merge_into -> write_more
 */
#include <stdio.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/cli/cli.h"
#include "agent/cli/config.h"
#include "agent/cli/deposit.h"
#include "agent/cli/replace.h"
#include "agent/cli/scrape.h"
#include "agent/http/url.h"
#include "conf/conf.h"
#include "conf/extend.h"
#include "conf/migrate.h"
#include "conf/settings.h"
#include "conf/yaml.h"

enum {
	TOLD_MAX = 64 * 1024 * 1024,
};

/* What it has more is put into the file, and told. */
static int
write_more(const struct scrape_update *update, const struct scrape_merge *merge,
	const struct conf_text *text)
{
	struct err err;
	char backup[CLI_REPLACE_PATH_SIZE];
	if (merge->added > 0 && !cli_deposit_check(update->path, text))
		return CLI_FAILED;
	if (merge->added > 0
		&& !cli_file_replace(
			update->path, text->text, text->len, backup, &err))
		return cli_fail("%s", err.text);
	fputs(merge->told->data, stdout);
	if (merge->added > 0)
		printf("%s: %zu added, %zu gone; what it was is in %s\n",
			update->path, merge->added, merge->gone, backup);
	else
		printf("%s: nothing to add, %zu gone; it is as it was\n",
			update->path, merge->gone);
	return CLI_OK;
}

/* Which Cachet */

/* Without what may be there or not: "https://x/api" of "x/api/v1/". */
static const char *
root_of(const char *text, struct arena *arena)
{
	struct err err;
	const char *url;
	if (!text || !url_normalise(text, arena, &url, &err))
		return "";
	size_t len = strlen(url);
	while (len > 0 && url[len - 1] == '/')
		len--;
	if (len > 3 && strncmp(url + len - 3, "/v1", 3) == 0)
		len -= 3;
	return arena_dup_n(arena, url, len);
}

static bool
is_read(const struct scrape_update *update, const struct conf_chosen *cachet)
{
	const char *ours = conf_chosen_text(cachet, "api_url");
	return str_eq(root_of(ours, update->arena),
		root_of(update->scrape->api_url, update->arena));
}

static void
warn_of_another(
	const struct scrape_update *update, const struct conf_chosen *cachet)
{
	const char *told = conf_chosen_text(cachet, "api_url");
	if (!told || is_read(update, cachet))
		return;
	fprintf(stderr,
		"curlew: %s tells the Cachet at %s, and what is added is of "
		"%s; are they the same?\n",
		update->path, url_public(told, update->arena),
		url_public(update->scrape->api_url, update->arena));
}

/* Its ids mean something in one of them only. */
static bool
choose_cachet(const struct scrape_update *update, const struct conf *conf,
	const char **name, struct err *err)
{
	const struct conf_chosen *cachets = conf->cachets.items;
	*name = NULL;
	if (conf->cachets.count == 0)
		return true;
	if (conf->cachets.count == 1) {
		warn_of_another(update, &cachets[0]);
		return true;
	}
	for (size_t i = 0; i < conf->cachets.count && !*name; i++)
		if (is_read(update, &cachets[i]))
			*name = conf_reporter_name(&cachets[i]);
	return *name
		|| err_set(err,
			"it has several Cachets, and none of them has the "
			"api_url %s; add that one with a name, or scrape into "
			"a file of its own",
			url_public(update->scrape->api_url, update->arena));
}

static int
merge_into(const struct scrape_update *update, struct conf *conf,
	const struct conf_text *old)
{
	struct err err;
	struct conf_text text;
	struct buf told;
	buf_init(&told, TOLD_MAX);
	struct scrape_merge merge = {
		.path = update->path,
		.old = old,
		.conf = conf,
		.access = update->access,
		.sees_all = update->source->token != NULL,
		.told = &told,
	};
	int code;
	if (!cli_scrape_plan(update->scrape, update->defaults, conf, &err))
		code = cli_fail("%s", err.text);
	else if (!choose_cachet(update, conf, &merge.cachet, &err)
		|| !cli_scrape_merge(
			&merge, update->scrape, update->defaults, &text, &err))
		code = cli_fail("%s: %s", update->path, err.text);
	else
		code = write_more(update, &merge, &text);
	buf_finish(&told);
	return code;
}

/* The old file */

static bool
has_endpoints(const struct conf_yaml *root)
{
	const struct conf_yaml_item *item = conf_yaml_find(root, "endpoints");
	return item && item->value.kind != CONF_NODE_NULL
		&& (item->value.kind != CONF_NODE_LIST
			|| item->value.count > 0);
}

/* Without endpoints it is no configuration yet, so one is lent to it. */
static struct conf *
load_without_endpoints(
	const struct scrape_update *update, const struct conf_text *old)
{
	const struct conf_draft_endpoint lent = {
		.name = "lent",
		.url = "http://localhost",
	};
	struct err err;
	struct conf_text text;
	if (!conf_extend(old, &lent, 1, NULL, update->arena, &text, &err))
		return NULL;
	struct conf *conf = cli_config_load_text_quietly(update->path, &text);
	if (conf)
		conf->endpoints.count = 0;
	return conf;
}

/* NULL: it was told why nothing can be added to what is there. */
static struct conf *
load_old(const struct scrape_update *update, const struct conf_text *old)
{
	struct err err;
	struct conf_mark where;
	struct conf_yaml root = { 0 };
	struct cli_config_count count;
	bool is_yaml = conf_yaml_read(
		old->text, old->len, update->arena, &root, &err, &where);
	if (is_yaml && conf_is_legacy(&root)) {
		cli_fail("%s: this is the format of before 0.6; `curlew "
			 "migrate` brings it up to date, and then it can be "
			 "added to",
			update->path);
		return NULL;
	}
	struct conf *conf =
		is_yaml && root.kind == CONF_NODE_MAP && !has_endpoints(&root)
		? load_without_endpoints(update, old)
		: NULL;
	if (!conf)
		conf = cli_config_load_text(update->path, old, &count);
	if (!conf)
		cli_fail("%s has %zu error%s, and is left as it is",
			update->path, count.errors,
			count.errors == 1 ? "" : "s");
	return conf;
}

int
cli_scrape_update(const struct scrape_update *update)
{
	struct err err;
	struct conf_text old;
	if (!conf_extend_read(update->path, update->arena, &old, &err))
		return cli_fail("%s: %s", update->path, err.text);
	struct conf *conf = load_old(update, &old);
	if (!conf)
		return CLI_FAILED;
	int code = cli_scrape_read(
			   update->scrape, update->source, update->arena, &err)
		? merge_into(update, conf, &old)
		: cli_fail("%s", err.text);
	conf_free(conf);
	return code;
}

/* Which Cachet cachet-monitor tells, and its token. */
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/http/url.h"
#include "conf/import_parts.h"
#include "conf/quote.h"
#include "conf/yaml.h"

static const char *
without_slashes(struct arena *arena, const char *url)
{
	size_t len = strlen(url);
	while (len > 0 && url[len - 1] == '/')
		len--;
	return arena_dup_n(arena, url, len);
}

/* What can be nobody's address or token. */
static bool
check_cachet(struct conf_importer *importer, struct conf_mark mark,
	const char *url, const char *token)
{
	struct err err;
	const char *whole;
	if (url && *url != '\0'
		&& !url_normalise(url, importer->arena, &whole, &err))
		return conf_import_refuse(
			importer, mark, "the URL of Cachet: %s", err.text);
	for (const char *at = token ? token : ""; *at != '\0'; at++)
		if (*at <= ' ' || *at > '~')
			return conf_import_refuse(importer, mark,
				"the token of Cachet has a blank or a strange "
				"character in it");
	return true;
}

static void
put_cachet(struct conf_importer *importer, const char *url, const char *token,
	bool insecure)
{
	struct buf *head = &importer->head;
	buf_add_text(head, "cachet:\n  api_url: ");
	if (url && *url != '\0')
		conf_quote_text(head, without_slashes(importer->arena, url));
	else
		conf_quote_value(
			head, "${CACHET_API_URL:-http://localhost/api/v1}");
	if (token && *token != '\0') {
		buf_add_text(head, "\n  token: ");
		conf_quote_text(head, token);
	} else {
		buf_add_text(head,
			"\n  token:\n    - {type: ENVIRONMENT_VARIABLE, value: "
			"CACHET_TOKEN}");
	}
	if (insecure)
		buf_add_text(head, "\n  insecure: true");
	buf_add_text(head, "\n\n");
}

bool
conf_import_cachet_api(
	struct conf_importer *importer, const struct conf_yaml *root)
{
	const struct conf_yaml_item *api = conf_import_find(root, "api");
	const struct conf_yaml *map = api ? &api->value : root;
	struct conf_mark mark = api ? api->mark : root->mark;
	const char *insecure = api ? "insecure" : "insecure_api";
	const char *url = conf_import_only_text(map, api ? "url" : "api_url");
	const char *token = conf_import_text(map, api ? "token" : "api_token");
	if (!check_cachet(importer, mark, url, token))
		return false;
	put_cachet(importer, url, token, conf_import_is_true(map, insecure));
	bool named = url && *url != '\0';
	conf_note(&importer->move, named ? CONF_NOTE_CHANGED : CONF_NOTE_LOST,
		mark,
		named ? "the Cachet and its token"
		      : "it names no Cachet; $CACHET_API_URL is to do so");
	if (!token || *token == '\0')
		conf_note(&importer->move, CONF_NOTE_LOST, mark,
			"it has no token; $CACHET_TOKEN is to have it");
	if (conf_import_is_no_boolean(conf_import_find(map, insecure)))
		conf_note(&importer->move, CONF_NOTE_LOST,
			conf_import_find(map, insecure)->mark,
			"%s: it is neither true nor false", insecure);
	return true;
}

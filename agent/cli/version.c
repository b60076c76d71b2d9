#include <ev.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <stdio.h>

#include "agent/base/pattern.h"
#include "agent/cli/cli.h"
#include "agent/http/client.h"
#include "agent/http/resolver.h"
#include "agent/store/store.h"
#include "agent/web/server.h"
#include "conf/version.h"

static int
run(const struct cli_args *args)
{
	(void)args;
	printf("curlew %s\n", CURLEW_VERSION);
	printf("%s\n", http_library_version());
	printf("%s\n", resolver_library_version());
	printf("libev %d.%d\n", ev_version_major(), ev_version_minor());
	printf("SQLite %s\n", store_library_version());
	printf("%s\n", pattern_library_version());
	printf("jansson %s\n", jansson_version_str());
	printf("libyaml %s\n", conf_library_version());
	printf("libmicrohttpd %s\n", web_library_version());
	printf("%s\n", OpenSSL_version(OPENSSL_VERSION));
	return CLI_OK;
}

const struct cli_verb cli_version = {
	.name = "version",
	.summary = "versions of curlew and of its libraries",
	.text = "Prints the versions of curlew and of the libraries that it "
		"runs with.\n",
	.run = run,
};

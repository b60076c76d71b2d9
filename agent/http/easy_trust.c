/* Which certificates are trusted. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/err.h"
#include "agent/http/client_internal.h"

/* Where the old tool looked, then where this libcurl does. */
static const char *
trusted(void)
{
	static const char *const names[] = { "REQUESTS_CA_BUNDLE",
		"CURL_CA_BUNDLE" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = getenv(names[i]);
		if (path && *path)
			return path;
	}
	return NULL;
}

bool
http_easy_check_trust(struct err *err)
{
	const char *path = trusted();
	if (path && access(path, R_OK) != 0)
		return err_set(err,
			"the certificates to trust, %s, cannot be read: "
			"REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE name a file or "
			"a folder",
			path);
	return true;
}

static const char *
usual_file(void)
{
	const char *path = trusted();
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	if (!path)
		path = info->cainfo;
	return path ? path : "/etc/ssl/certs/ca-certificates.crt";
}

static bool
is_folder(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* With a folder set libcurl reads all certificates for each handshake. */
static void
trust_origin(CURL *easy, const char *path)
{
	bool folder = is_folder(path);
	HTTP_EASY_SET(easy, CURLOPT_CAINFO, folder ? NULL : path);
	HTTP_EASY_SET(easy, CURLOPT_CAPATH, folder ? path : NULL);
}

void
http_easy_trust_origin(CURL *easy, const char *ca_file)
{
	trust_origin(easy, ca_file ? ca_file : usual_file());
}

void
http_easy_trust_usual(CURL *easy)
{
	const char *path = usual_file();
	bool folder = is_folder(path);
	trust_origin(easy, path);
	HTTP_EASY_SET(easy, CURLOPT_PROXY_CAINFO, folder ? NULL : path);
	HTTP_EASY_SET(easy, CURLOPT_PROXY_CAPATH, folder ? path : NULL);
}

void
http_easy_trust(struct http_call *call, const char *ca_file)
{
	if (!ca_file && !call->own_trust)
		return;
	trust_origin(call->easy, ca_file ? ca_file : usual_file());
	call->own_trust = ca_file != NULL;
}

/* Mail servers, as people write them. */
#include <string.h>

#include "agent/base/err.h"
#include "agent/http/url.h"
#include "agent/http/url_parts.h"

static bool
read_scheme(const char **rest, bool *tls, struct err *err)
{
	const char *text = *rest;
	const char *mark = strstr(text, "://");
	*tls = false;
	if (!mark)
		return true;
	struct url_piece scheme = url_piece(text, (size_t)(mark - text));
	*tls = url_piece_is(scheme, "smtps");
	if (!*tls && !url_piece_is(scheme, "smtp"))
		return err_set(err,
			"a mail server begins with smtp:// or "
			"smtps://, or with its name");
	*rest = mark + strlen("://");
	return true;
}

bool
url_mail_server(const char *text, struct url_origin *server, struct err *err)
{
	if (!url_check_characters(url_piece(text, strlen(text)), err)
		|| !read_scheme(&text, &server->tls, err))
		return false;
	size_t len = strcspn(text, "/?#");
	struct url_authority authority;
	if (!url_split_authority(url_piece(text, len), &authority, err))
		return false;
	if (authority.user.at)
		return err_set(err,
			"has a user in it; `user` and `password` are keys of "
			"their own");
	if (text[len] != '\0' && text[len + 1] != '\0')
		return err_set(err,
			"has something behind the host; "
			"smtp://mail.example.net:587 is all");
	if (authority.host.len == 0)
		return err_set(err,
			"has no host; smtp://mail.example.net:587 has one");
	return url_read_host(&authority, server->host, err)
		&& url_read_port(authority.port, 0, &server->port, err);
}

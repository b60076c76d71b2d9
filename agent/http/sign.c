#include "agent/http/sign.h"

#include <inttypes.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/hmac.h"

size_t
http_sign(const char *secret, const char *body, int64_t now_ms,
	struct arena *arena,
	struct http_header headers[static HTTP_SIGN_HEADERS])
{
	if (!secret || *secret == '\0')
		return 0;
	const char *timestamp = arena_printf(arena, "%" PRId64, now_ms / 1000);
	const char *text = arena_printf(arena, "%s.%s", timestamp, body);
	char hmac[HMAC_TEXT_SIZE];
	hmac_sha256(secret, text, strlen(text), hmac);
	headers[0] = (struct http_header){ "X-Curlew-Timestamp", timestamp };
	headers[1] = (struct http_header){ "X-Curlew-Signature",
		arena_printf(arena, "v1=%s", hmac) };
	return HTTP_SIGN_HEADERS;
}

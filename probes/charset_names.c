#include "probes/charset_names.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum {
	NAME_LEN_MAX = 40,
};

static const struct charset_name charsets[] = {
	{ CHARSET_UTF8, "UTF-8", "utf8 u8 utf cp65001" },
	{ CHARSET_ASCII, "ASCII",
		"usascii ascii us 646 iso646us ansix341968 ansix341986"
		" iso646irv1991 isoir6 cp367 ibm367 csascii" },
	{ CHARSET_LATIN1, "ISO-8859-1",
		"iso88591 latin1 l1 latin 8859 iso8859 iso885911987 isoir100"
		" cp819 ibm819 csisolatin1" },
	{ CHARSET_BYTES, "CP1252", "windows1252 cp1252 1252" },
	{ CHARSET_BYTES, "CP1250", "windows1250 cp1250 1250" },
	{ CHARSET_BYTES, "CP1251", "windows1251 cp1251 1251" },
	{ CHARSET_BYTES, "CP1253", "windows1253 cp1253 1253" },
	{ CHARSET_BYTES, "CP1254", "windows1254 cp1254 1254" },
	{ CHARSET_BYTES, "CP1255", "windows1255 cp1255 1255" },
	{ CHARSET_BYTES, "CP1256", "windows1256 cp1256 1256" },
	{ CHARSET_BYTES, "CP1257", "windows1257 cp1257 1257" },
	{ CHARSET_BYTES, "CP1258", "windows1258 cp1258 1258" },
	{ CHARSET_BYTES, "CP874", "windows874 cp874 874" },
	{ CHARSET_BYTES, "ISO-8859-2",
		"iso88592 latin2 l2 iso885921987 isoir101 csisolatin2" },
	{ CHARSET_BYTES, "ISO-8859-3",
		"iso88593 latin3 l3 iso885931988 isoir109 csisolatin3" },
	{ CHARSET_BYTES, "ISO-8859-4",
		"iso88594 latin4 l4 iso885941988 isoir110 csisolatin4" },
	{ CHARSET_BYTES, "ISO-8859-5",
		"iso88595 cyrillic iso885951988 isoir144 csisolatincyrillic" },
	{ CHARSET_BYTES, "ISO-8859-6",
		"iso88596 arabic asmo708 ecma114 iso885961987 isoir127"
		" csisolatinarabic" },
	{ CHARSET_BYTES, "ISO-8859-7",
		"iso88597 greek greek8 elot928 ecma118 iso885971987 isoir126"
		" csisolatingreek" },
	{ CHARSET_BYTES, "ISO-8859-8",
		"iso88598 hebrew iso88598i iso885981988 isoir138"
		" csisolatinhebrew" },
	{ CHARSET_BYTES, "ISO-8859-9",
		"iso88599 latin5 l5 iso885991989 isoir148 csisolatin5" },
	{ CHARSET_BYTES, "ISO-8859-10",
		"iso885910 latin6 l6 iso8859101992 isoir157 csisolatin6" },
	{ CHARSET_BYTES, "ISO-8859-11", "iso885911 thai iso8859112001" },
	{ CHARSET_BYTES, "ISO-8859-13", "iso885913 latin7 l7" },
	{ CHARSET_BYTES, "ISO-8859-14",
		"iso885914 latin8 l8 isoceltic iso8859141998 isoir199" },
	{ CHARSET_BYTES, "ISO-8859-15", "iso885915 latin9 l9" },
	{ CHARSET_BYTES, "ISO-8859-16",
		"iso885916 latin10 l10 iso8859162001 isoir226" },
	{ CHARSET_BYTES, "KOI8-R", "koi8r koi8 cskoi8r" },
	{ CHARSET_BYTES, "KOI8-U", "koi8u" },
	{ CHARSET_BYTES, "KOI8-T", "koi8t" },
	{ CHARSET_BYTES, "TIS-620",
		"tis620 tis6200 tis62025290 tis62025291 isoir166" },
	{ CHARSET_BYTES, "MACINTOSH", "macintosh macroman" },
	{ CHARSET_BYTES, "MAC-CYRILLIC", "maccyrillic xmaccyrillic" },
	{ CHARSET_BYTES, "CP437", "cp437 ibm437 437 cspc8codepage437" },
	{ CHARSET_BYTES, "CP850", "cp850 ibm850 850 cspc850multilingual" },
	{ CHARSET_BYTES, "CP852", "cp852 ibm852 852 cspcp852" },
	{ CHARSET_BYTES, "CP855", "cp855 ibm855 855 csibm855" },
	{ CHARSET_BYTES, "CP866", "cp866 ibm866 866 csibm866" },
	/* Shift JIS by the letter has a yen sign for a backslash. */
	{ CHARSET_MULTI, "CP932",
		"shiftjis sjis xsjis csshiftjis cp932 932 ms932 mskanji"
		" windows31j" },
	{ CHARSET_MULTI, "EUC-JP", "eucjp xeucjp ujis" },
	{ CHARSET_MULTI, "ISO-2022-JP", "iso2022jp csiso2022jp" },
	{ CHARSET_MULTI, "GB2312",
		"gb2312 euccn eucgb2312cn gb23121980 gb231280 chinese isoir58"
		" csiso58gb231280" },
	{ CHARSET_MULTI, "GBK", "gbk xgbk cp936 936 ms936" },
	{ CHARSET_MULTI, "GB18030", "gb18030 gb180302000" },
	{ CHARSET_MULTI, "BIG5", "big5 big5tw csbig5" },
	{ CHARSET_MULTI, "CP950", "cp950 950 ms950" },
	{ CHARSET_MULTI, "BIG5-HKSCS", "big5hkscs hkscs" },
	{ CHARSET_MULTI, "EUC-KR", "euckr korean ksc5601 ksc56011987 ksx1001" },
	{ CHARSET_MULTI, "CP949", "cp949 949 ms949 uhc" },
	{ CHARSET_MULTI, "ISO-2022-KR", "iso2022kr csiso2022kr" },
	{ CHARSET_MULTI, "JOHAB", "johab cp1361 ms1361" },
	{ CHARSET_UTF16, NULL, "utf16 u16" },
	{ CHARSET_UTF16, "UTF-16LE", "utf16le unicodelittleunmarked" },
	{ CHARSET_UTF16, "UTF-16BE", "utf16be unicodebigunmarked" },
	{ CHARSET_UTF32, NULL, "utf32 u32" },
	{ CHARSET_UTF32, "UTF-32LE", "utf32le" },
	{ CHARSET_UTF32, "UTF-32BE", "utf32be" },
};

static bool
has_name(const char *names, const char *name)
{
	size_t len = strlen(name);
	while (*names != '\0') {
		size_t word = strcspn(names, " ");
		if (word == len && memcmp(names, name, len) == 0)
			return true;
		names += word;
		names += strspn(names, " ");
	}
	return false;
}

static char
lower(char c)
{
	return (char)tolower((unsigned char)c);
}

/* Letters and digits alone; false when there are too many. */
static bool
simplify(const char *name, size_t len, char *plain)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)name[i]))
			continue;
		if (n == NAME_LEN_MAX)
			return false;
		plain[n++] = lower(name[i]);
	}
	plain[n] = '\0';
	return true;
}

const struct charset_name *
charset_name_find(const char *name, size_t len)
{
	char plain[NAME_LEN_MAX + 1];
	if (!simplify(name, len, plain))
		return NULL;
	for (size_t i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++)
		if (has_name(charsets[i].names, plain))
			return &charsets[i];
	return NULL;
}

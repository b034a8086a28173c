/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each format gives; packed files; commands.  Pages are page_test.c's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "indexer/source.h"
#include "indexer/sources/words.h"
#include "tests/indexer/hear.h"

struct contents {
	const char *name;
	struct str bytes;
	const char *heard;
};

static void
check(const struct contents *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_string_equal(hear(cases[i].name, cases[i].bytes), cases[i].heard);
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof((cases)[0]))

static void
test_markdown(void **state)
{
	static const struct contents cases[] = {
		{ "a.md", STR("# Un titre\n\nDu *texte* **gras**, _souligné_, `code` et [un lien](http://x/ 'y').\n"),
		    "0 a.md|Un titre||||Du texte gras, souligné, code et un lien.\n" },
		{ "a.md",
		    STR("---\ntitle: \"Le *pont*\"\ndate: 2016-12-07\nauthor: [Jeanne, Paul]\nsource: La Gazette\nurl: "
			"https://g.example/1\nlang: fr-FR\ntags:\n  - title: non\n---\n\n# Le *pont*\n\n> Cité.\n\n- "
			"un\n1. "
			"deux\n"),
		    "0 a.md|Le pont|2016-12-07 metadata|La Gazette|https://g.example/1|Cité.\n\nun\ndeux\n  "
		    "author=Jeanne, "
		    "Paul\n  language=fr\n" },
		{ "a.markdown", STR("+++\ntitle = 'T'\ndate = 2016-12-07T10:00:00Z\n+++\nTexte."),
		    "0 a.markdown|T|2016-12-07 metadata|||Texte.\n" },
		{ "a.md", STR("Titre\n=====\n\nTexte\n-----\n\nSuite[^1].\n\n[^1]: Une note.\n\n[id]: http://x/\n"),
		    "0 a.md|Titre||||Texte\n\nSuite.\n\n: Une note.\n" },
		{ "a.md",
		    STR("| a | b |\n|---|---|\n| 1 | 2 |\n\n```c\nint a_b_c = 2 * 3;\n```\n\n2 * 3 = 6, snake_case, "
			"5\\*\n"),
		    "0 a.md|||||a b\n1 2\n\nint a_b_c = 2 * 3;\n\n2 * 3 = 6, snake_case, 5*\n" },
		{ "a.md", STR("![une image](i.png)<br>Un <b>mot</b> &, a < b et [réf][1], ~~barré~~\n"),
		    "0 a.md|||||une imageUn mot &, a < b et réf, barré\n" },
		{ "a.md", STR("---\ntitle: pas de fin\n\nTexte."), "0 a.md|||||title: pas de fin\n\nTexte.\n" },
		{ "a.md", STR("[[[[[[((((*** __ `` <<<< ![[[ [a](b"), "0 a.md|||||(((( __  <<<<  a(b\n" },
	};

	(void)state;
	CHECK(cases);
}

static void
test_feeds(void **state)
{
	static const struct contents cases[] = {
		{ "f.rss",
		    STR("<?xml version='1.0' encoding='iso-8859-1'?><rss version='2.0'><channel><title>La "
			"Gazette</title><language>fr</language><item><title>L'\xE9t\xE9 &amp; "
			"l'hiver</title><guid>https://g.example/1</guid><link>https://g.example/1?x</"
			"link><pubDate>Wed, 07 "
			"Dec 2016 09:30:00 GMT</pubDate><dc:creator "
			"xmlns:dc='urn:dc'>Jeanne</dc:creator><description>court</description><content:encoded "
			"xmlns:content='urn:c'><![CDATA[<p>Un.</p><p>Deux&nbsp;!</p><script>x</script>]]></"
			"content:encoded></"
			"item><item><title>Sans rien</title><guid "
			"isPermaLink='false'>17</guid></item></channel></rss>"),
		    "~converted\n1 https://g.example/1|L'été & l'hiver|2016-12-07 metadata|La "
		    "Gazette|https://g.example/1?x|Un.\n\nDeux\xC2\xA0!\n  author=Jeanne\n  language=fr\n2 "
		    "f.rss#17|Sans "
		    "rien||La Gazette||Sans rien\n  language=fr\n" },
		{ "f.atom",
		    STR("<feed xmlns='http://www.w3.org/2005/Atom' "
			"xml:lang='fr'><title>G</title><entry><id>tag:g,1</id><title "
			"type='html'>&lt;b&gt;A&lt;/b&gt; &amp;amp; B</title><link rel='self' href='u:no'/><link "
			"href='https://g.example/1'/><updated>2016-12-08T00:00:00Z</"
			"updated><published>2016-12-07T00:00:00Z</"
			"published><author><name>Paul</name><email>x@y</email></author><content type='xhtml'><div "
			"xmlns='http://www.w3.org/1999/xhtml'><p>Un "
			"<b>texte</b>.</p><p>Deux.</p></div></content></entry></feed>"),
		    "1 tag:g,1|A & B|2016-12-07 metadata|G|https://g.example/1|Un texte.\n\nDeux.\n  author=Paul\n  "
		    "language=fr\n" },
		{ "f.rdf",
		    STR("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
			"xmlns='http://purl.org/rss/1.0/'><channel><title>G</title></channel><item><title>A</"
			"title><link>https://"
			"g.example/1</link><description>Le texte de &eacute;t&eacute;</description></item></rdf:RDF>"),
		    "1 https://g.example/1|A||G|https://g.example/1|Le texte de été\n" },
		{ "f.xml", STR("<urlset><url/></urlset>"),
		    "0 !neither RSS nor Atom: its outermost element is <urlset>\n" },
		{ "f.xml", STR("du texte"), "0 !it is no XML\n" },
		{ "f.xml", STR(""), "0 !it is no XML\n" },
		{ "f.xml",
		    STR("<!DOCTYPE r [<!ENTITY a 'aaaa'><!ENTITY b "
			"'&a;&a;&a;'>]><rss><channel><item><title>&b;</title></item></"
			"channel></rss>"),
		    "0 !it declares XML entities of its own, which are not expanded\n" },
		{ "f.xml", STR("<rss><channel><item><guid>a:1</guid><title>Coupé</title><description>Le texte"),
		    "1 a:1|Coupé||||Le texte\n" },
	};

	(void)state;
	CHECK(cases);
}

#define ALTERNATIVE                                                                                                   \
	"Content-Type: multipart/alternative; boundary=\"=b\"\r\n\r\nPréambule\r\n--=b\r\nContent-Type: text/plain;" \
	" charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nVoir la page en ligne : "          \
	"l'=E9t=\r\n"                                                                                                 \
	"=E9\r\n--=b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"                         \
	"PHA+TGEgdHLDqnZlIHRpZW50LjwvcD48cD5E\r\nZXB1aXMgbWFyZGkuPC9wPg==\r\n--=b--\r\nÉpilogue\r\n"

static void
test_mail(void **state)
{
	static const struct contents cases[] = {
		{ "m.eml",
		    STR("From: \"La Gazette\" <info@g.example>\r\nSubject: =?utf-8?Q?Tr=C3=AAve?=\r\n "
			"=?iso-8859-1?B?4A==?= Alep\r\nDate: Wed, 7 Dec 2016 09:30:00 +0100\r\nArchived-At: "
			"<https://g.example/1>\r\n" ALTERNATIVE),
		    "~converted\n0 m.eml|Trêveà Alep|2016-12-07 metadata|La Gazette|https://g.example/1|La trêve "
		    "tient.\n\nDepuis "
		    "mardi.\n" },
		{ "m.eml", STR("From: info@g.example\nSubject: Sans type\n\nUn texte.\n"),
		    "0 m.eml|Sans type||g.example||Un texte.\n" },
		{ "m.eml",
		    STR("Subject: a\nContent-Type: text/plain; format=flowed\n\nUne ligne \nqui continue.\nFin\n"),
		    "0 m.eml|a||||Une ligne qui continue.\nFin\n" },
		{ "m.eml",
		    STR("Subject: a\nContent-Type: multipart/mixed; "
			"boundary=x\n\n--x\n\nUn.\n--x\nContent-Disposition: "
			"attachment; filename=a.txt\n\nPièce jointe.\n--x\nContent-Type: "
			"image/png\n\n\x89PNG\n--x\nContent-Type: "
			"message/rfc822\n\nSubject: b\n\nDeux.\n--x--\n"),
		    "0 m.eml|a||||Un.\n\n\nDeux.\n" },
		{ "m.eml", STR("Subject: a\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nUn, sans fin"),
		    "0 m.eml|a||||Un, sans fin\n" },
		{ "m.eml", STR("Subject: a\nContent-Type: application/pdf\n\n%PDF"), "0 !the text is empty\n" },
		{ "m.mbox",
		    STR("From a@b Wed Dec  7 09:30:00 2016\nMessage-ID: <1@g.example>\nSubject: un\n\nTexte un.\n>From "
			"là, "
			"du texte.\n\nFrom a@b Wed\nSubject: deux\nMessage-ID: <2@g.example>\n\nTexte deux.\nFrom ici, "
			"toujours.\n"),
		    "1 1@g.example|un||||Texte un.\nFrom là, du texte.\n2 2@g.example|deux||||Texte deux.\nFrom ici, "
		    "toujours.\n" },
		{ "m.mbox", STR("pas une mbox\n"), "0 !it is no mbox: it has no line \"From ...\"\n" },
		{ "m.mbox", STR(""), "" },
	};

	(void)state;
	CHECK(cases);
}

/* Parts in each other, and too many of them. */
static void
test_hostile_mail(void **state)
{
	struct buf mail;

	(void)state;
	buf_init(&mail, LIMIT_SOURCE_BYTES);
	for (int i = 0; i < 1000; i++)
		(void)buf_append_str(&mail, STR("Content-Type: message/rfc822\n\n"));
	assert_non_null(strstr(hear("m.eml", buf_str(&mail)), "LIMIT_MAIL_DEPTH"));
	buf_reset(&mail);
	(void)buf_append_str(&mail, STR("Content-Type: multipart/mixed; boundary=x\n\n"));
	for (int i = 0; i < 1000; i++)
		(void)buf_append_str(&mail, STR("--x\n\na\n"));
	assert_non_null(strstr(hear("m.eml", buf_str(&mail)), "LIMIT_MAIL_PARTS"));
	buf_done(&mail);
}

/* ---- Web archives ---------------------------------------------------------------------------- */

static void
add_record(struct buf *warc, const char *type, const char *content, struct str block)
{
	(void)buf_printf(warc,
	    "WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: https://www.g.example/%s\r\nWARC-Date: "
	    "2016-12-07T09:30:00Z\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
	    type, type, content, block.len);
	(void)buf_append_str(warc, block);
	(void)buf_append_str(warc, STR("\r\n\r\n"));
}

#define HTTP "application/http; msgtype=response"
#define PAGE "<title>T</title><p>Le texte de la page, qui est assez long pour en être un, pour de bon.</p>"
#define PAGE_HEARD                                                                                                     \
	"|T|2016-12-07 file|g.example|https://www.g.example/response|Le texte de la page, qui est assez long pour en " \
	"être "                                                                                                       \
	"un, pour de bon.\n"
#define ID "https://www.g.example/response@2016-12-07T09:30:00Z"

/* Of zlib's formats, by their window bits: gzip, its own, and none. */
enum { FORMAT_GZIP = 15 + 16, FORMAT_ZLIB = 15, FORMAT_RAW = -15 };

static struct str
deflated(int format, struct str bytes, char *out, size_t size)
{
	z_stream z = { 0 };

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)bytes.p;
	z.avail_in = (uInt)bytes.len;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)size;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	(void)deflateEnd(&z);
	return (struct str) { out, size - z.avail_out };
}

static struct str
gzip(struct str bytes, char *out, size_t size)
{
	return deflated(FORMAT_GZIP, bytes, out, size);
}

static void
test_warc(void **state)
{
	static const struct {
		const char *type, *content;
		struct str block;
		const char *heard;
	} cases[] = {
		{ "response", HTTP, STR("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" PAGE),
		    "1 " ID PAGE_HEARD },
		{ "response", HTTP,
		    STR("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: "
			"chunked\r\n\r\n10\r\n<title>T</"
			"title>\r\n4;x=y\r\n<p>L\r\n49\r\ne texte de la page, qui est assez long pour en être un, pour "
			"de bon.</"
			"p>\r\n0\r\n\r\n"),
		    "1 " ID PAGE_HEARD },
		{ "response", HTTP,
		    STR("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n" PAGE),
		    "1 " ID PAGE_HEARD },
		{ "response", HTTP,
		    STR("HTTP/1.1 200 OK\nContent-Type: text/plain; charset=iso-8859-1\n\nUn \xE9t\xE9"),
		    "~converted\n1 " ID "||2016-12-07 file|g.example|https://www.g.example/response|Un été\n" },
		{ "response", HTTP, STR("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n" PAGE), "" },
		{ "response", HTTP, STR("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG"), "" },
		{ "response", HTTP, STR("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: br\r\n\r\nxx"),
		    "1 !the reply's body is packed as \"br\", which is not read\n" },
		{ "response", HTTP, STR("rien"), "1 !a response that holds no HTTP reply\n" },
		{ "resource", "text/html", STR(PAGE),
		    "1 https://www.g.example/resource@2016-12-07T09:30:00Z|T|2016-12-07 "
		    "file|g.example|https://www.g.example/resource|Le texte de la page, qui est assez long pour en "
		    "être un, "
		    "pour de bon.\n" },
		{ "request", "application/http; msgtype=request", STR("GET / HTTP/1.1\r\n\r\n"), "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf warc;

		buf_init(&warc, LIMIT_SOURCE_BYTES);
		add_record(&warc, cases[i].type, cases[i].content, cases[i].block);
		assert_string_equal(hear("w.warc", buf_str(&warc)), cases[i].heard);
		buf_done(&warc);
	}
	assert_string_equal(
	    hear("w.warc", STR("du texte")), "1 !no WARC record begins here; the rest of the file is not read\n");
	assert_string_equal(hear("w.warc", STR("WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99\r\n\r\nabc")),
	    "1 !the record is cut off; the rest of the file is not read\n");
	assert_string_equal(hear("w.warc", STR("WARC/1.0\r\nWARC-Type: response\r\nContent-Length: -1\r\n\r\nabc")),
	    "1 !the record has no length; the rest of the file is not read\n");
	assert_string_equal(hear("w.warc", STR("")), "");
}

/* Records in members of their own, as crawlers write them, and a body that is packed once more. */
static void
test_packed_warc(void **state)
{
	char body[1024], first[2048], second[2048];
	struct buf reply, record, file;
	struct str packed = gzip(STR(PAGE), body, sizeof(body));

	(void)state;
	buf_init(&reply, 4096);
	buf_init(&record, 8192);
	buf_init(&file, 16384);
	(void)buf_append_str(
	    &reply, STR("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"));
	(void)buf_append_str(&reply, packed);
	add_record(&record, "warcinfo", "application/warc-fields", STR("software: x\r\n"));
	(void)buf_append_str(&file, gzip(buf_str(&record), first, sizeof(first)));
	buf_reset(&record);
	add_record(&record, "response", HTTP, buf_str(&reply));
	(void)buf_append_str(&file, gzip(buf_str(&record), second, sizeof(second)));
	assert_string_equal(hear("w.warc.gz", buf_str(&file)), "2 " ID PAGE_HEARD);
	buf_done(&reply);
	buf_done(&record);
	buf_done(&file);
}

static struct str
zstd(struct str bytes, char *out, size_t size)
{
	size_t n = ZSTD_compress(out, size, bytes.p, bytes.len, 3);

	assert_false(ZSTD_isError(n));
	return (struct str) { out, n };
}

/* What is heard of a reply with that body. */
static const char *
hear_body(const char *encoding, struct str body)
{
	const char *heard;
	struct buf reply, record;

	buf_init(&reply, 4096);
	buf_init(&record, 8192);
	(void)buf_append_str(&reply, STR("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: "));
	(void)buf_append_str(&reply, str_of(encoding));
	(void)buf_append_str(&reply, STR("\r\n\r\n"));
	(void)buf_append_str(&reply, body);
	add_record(&record, "response", HTTP, buf_str(&reply));
	heard = hear("w.warc", buf_str(&record));
	buf_done(&reply);
	buf_done(&record);
	return heard;
}

/* Bodies in each packing: whole, without their last byte, which is taken as far as it goes, and damaged. */
static void
test_packed_bodies(void **state)
{
	static const struct {
		const char *encoding;
		int format; /* 0: zstd */
		size_t place; /* a byte there... */
		char byte; /* ...no packing has */
	} cases[] = {
		{ "gzip", FORMAT_GZIP, 10, '\xFF' },
		{ "x-gzip", FORMAT_GZIP, 10, '\xFF' },
		{ "deflate", FORMAT_ZLIB, 2, '\xFF' },
		{ "Deflate", FORMAT_RAW, 0, '\xFF' },
		{ "zstd", 0, 0, '\xFF' },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[1024];
		struct str body = cases[i].format == 0 ? zstd(STR(PAGE), out, sizeof(out))
						       : deflated(cases[i].format, STR(PAGE), out, sizeof(out));

		assert_string_equal(hear_body(cases[i].encoding, body), "1 " ID PAGE_HEARD);
		body.len--;
		assert_null(strstr(hear_body(cases[i].encoding, body), "damaged"));
		out[cases[i].place] = cases[i].byte;
		assert_string_equal(
		    hear_body(cases[i].encoding, body), "1 !the reply's body: its packing is damaged\n");
	}
	assert_string_equal(hear_body("identity", STR(PAGE)), "1 " ID PAGE_HEARD);
	/* Unpacked by the crawler, which kept the header. */
	assert_string_equal(hear_body("gzip", STR(PAGE)), "1 " ID PAGE_HEARD);
	assert_string_equal(hear_body("zstd", STR("")), "1 !the text is empty\n");
}

/* ---- Packed files ---------------------------------------------------------------------------- */

static void
test_packed(void **state)
{
	char gz[512], zst[512];
	struct str text = STR("Titre\nUn texte.\n");
	struct str packed = gzip(text, gz, sizeof(gz) / 2);
	struct str small = zstd(text, zst, sizeof(zst));

	(void)state;
	assert_string_equal(hear("a.txt.gz", packed), "0 a.txt.gz|Titre||||Un texte.\n\n");
	assert_string_equal(hear("a.txt.zst", small), "0 a.txt.zst|Titre||||Un texte.\n\n");
	/* Cut off, damaged, and padded with zeros. */
	packed.len -= 9;
	assert_non_null(strstr(hear("a.txt.gz", packed), "the packed data is damaged"));
	gz[12] = (char)(gz[12] ^ 0x55);
	assert_non_null(strstr(hear("a.txt.gz", packed), "!"));
	packed = gzip(text, gz, sizeof(gz) / 2);
	memset(gz + packed.len, 0, 100);
	packed.len += 100;
	assert_string_equal(hear("a.txt.gz", packed), "0 a.txt.gz|Titre||||Un texte.\n\n");
	small.len -= 3;
	assert_non_null(strstr(hear("a.txt.zst", small), "the packed data is damaged"));
}

/* A gigabyte of blank lines in a file of some kilobytes: refused when it has given LIMIT_SOURCE_FREE_BYTES. */
static void
test_bomb(void **state)
{
	enum { PIECE = 1 << 20, PIECES = 400 };
	ZSTD_CStream *zstd = ZSTD_createCStream();
	char *zeros = calloc(1, PIECE), *packed = malloc(PIECE);
	ZSTD_outBuffer out = { packed, PIECE, 0 };

	(void)state;
	assert_true(zstd != NULL && zeros != NULL && packed != NULL);
	memset(zeros, '\n', PIECE);
	for (int i = 0; i < PIECES; i++) {
		ZSTD_inBuffer in = { zeros, PIECE, 0 };

		while (in.pos < in.size)
			assert_false(ZSTD_isError(ZSTD_compressStream(zstd, &out, &in)));
	}
	assert_int_equal(ZSTD_endStream(zstd, &out), 0);
	(void)ZSTD_freeCStream(zstd);
	assert_string_equal(hear("a.jsonl.zst", (struct str) { packed, out.pos }),
	    "0 !it unpacks to more than 200 times its size (LIMIT_SOURCE_RATIO)\n");
	free(zeros);
	free(packed);
}

/* ---- Commands -------------------------------------------------------------------------------- */

static void
test_words(void **state)
{
	static const struct {
		const char *command, *words; /* joined by | */
	} cases[] = { { "catdoc -d utf-8", "catdoc|-d|utf-8" }, { "  a\tb  ", "a|b" },
		{ "a 'b c' \"d e\"", "a|b c|d e" }, { "a b\\ c 'd\\e' \"f\\\"g\"", "a|b c|d\\e|f\"g" },
		{ "a ''", "a|" }, { "a$(id);|*", "a$(id);|*" }, { "a x'y'z", "a|xyz" }, { "", NULL }, { "  ", NULL },
		{ "''", NULL }, { "a 'b", NULL } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char **words, joined[128] = "";
		struct error error;

		if (words_split(cases[i].command, &words, &error) != STATUS_OK) {
			assert_null(cases[i].words);
			continue;
		}
		for (size_t w = 0, used = 0; words[w] != NULL; w++)
			used +=
			    (size_t)snprintf(joined + used, sizeof(joined) - used, "%s%s", w > 0 ? "|" : "", words[w]);
		free(words);
		assert_string_equal(joined, cases[i].words);
	}
}

static void
test_filters(void **state)
{
	static const struct {
		const char *filter, *heard;
	} cases[] = {
		{ "doc=cat", "0 a.doc|Titre||||Texte\n" },
		{ ".DOC=cat %s", "0 a.doc|Titre||||Texte\n" },
		{ "doc=sh -c 'echo \"<html><title>T</title><p>Page.</p>\"'", "0 a.doc|T||||Page.\n" },
		{ "doc=no-such-program", "0 !cannot run no-such-program: No such file or directory\n" },
		{ "doc=false", "0 !false failed with exit status 1\n" },
		{ "doc=sh -c 'kill -9 $$'", "0 !sh was ended by signal 9\n" },
		{ "doc=sh -c 'yes'", "0 !sh writes more than 33554432 bytes\n" },
		{ "doc=sh -c 'echo $HOME; env | wc -l; ulimit -v; pwd >&2'", "0 a.doc|/nonexistent||||" },
		{ "doc=true", "0 !the text is empty\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *heard;

		hear_filter = cases[i].filter;
		heard = hear("a.doc", STR("Titre\nTexte"));
		if (strncmp(heard, cases[i].heard, strlen(cases[i].heard)) != 0)
			fail_msg("%s: %s", cases[i].filter, heard);
	}
	hear_filter = NULL;
}

static void
test_bad_filters(void **state)
{
	static const char *const bad[] = { "", "doc", "=cat", "doc=", "doc=  ", "d/oc=cat", "doc='cat",
		"an-extension-that-is-too-long=cat" };
	struct source_formats *formats;
	struct error error;

	(void)state;
	assert_int_equal(source_formats_new(&formats, NULL), STATUS_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (source_formats_add_filter(formats, bad[i], &error) != STATUS_INVALID)
			fail_msg("%s", bad[i]);
	}
	for (int i = 0; i < LIMIT_FILTERS; i++)
		assert_int_equal(source_formats_add_filter(formats, "doc=cat", &error), STATUS_OK);
	assert_int_equal(source_formats_add_filter(formats, "doc=cat", &error), STATUS_LIMIT);
	assert_true(source_formats_has(formats, STR("A.DOC")));
	assert_true(source_formats_has(formats, STR("a.TXT.GZ")));
	assert_true(source_formats_has(formats, STR("a.warc.zst")));
	assert_false(source_formats_has(formats, STR("a.pdf.gz")));
	assert_false(source_formats_has(formats, STR(".txt")));
	assert_false(source_formats_has(formats, STR("txt")));
	assert_false(source_formats_has(formats, STR("a.gz")));
	assert_false(source_formats_has(formats, STR("")));
	source_formats_free(formats);
}

/* A PDF of one page, made here; without pdftotext it is refused by name. */
static void
test_pdf(void **state)
{
	static const char pdf[] =
	    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 "
	    "R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 "
	    "200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n4 0 obj<</Length "
	    "63>>stream\nBT /F 12 Tf 20 100 Td (Le convoi est parti vers la ville.) Tj ET   "
	    "\nendstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n6 0 "
	    "obj<</Title(Le convoi)/Author(Jeanne)/CreationDate(D:20161207093000)>>endobj\n"
	    "trailer<</Root 1 0 R/Info 6 0 R>>\n";
	const char *heard = hear("a.pdf", str_of(pdf));

	(void)state;
	if (strstr(heard, "cannot run pdftotext") != NULL)
		skip();
	assert_string_equal(heard, "0 a.pdf|Le convoi|2016-12-07 metadata|||Le convoi est parti vers la ville.\n  "
				   "author=Jeanne\n");
	assert_non_null(strstr(hear("a.pdf", STR("du texte")), "!pdftotext failed with exit status"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_markdown),
		cmocka_unit_test(test_feeds),
		cmocka_unit_test(test_mail),
		cmocka_unit_test(test_hostile_mail),
		cmocka_unit_test(test_warc),
		cmocka_unit_test(test_packed_warc),
		cmocka_unit_test(test_packed_bodies),
		cmocka_unit_test(test_packed),
		cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_bad_filters),
		cmocka_unit_test(test_pdf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

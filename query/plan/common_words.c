/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/common_words.h"

#include <stddef.h>

/* Folded, in byte order. */
static const char *const words[] = {
	/* clang-format off */
	"a", "afin", "ai", "aie", "aient", "aies", "ait", "alors", "apres", "as", "au", "aucun", "aucune", "auquel",
	"aura", "aurai", "auraient", "aurait", "auras", "aurez", "auriez", "aurions", "aurons", "auront", "aussi",
	"aux", "auxquelles", "auxquels", "avaient", "avais", "avait", "avant", "avec", "avez", "aviez", "avions",
	"avoir", "avons", "ayant", "ayez", "ayons", "bien", "car", "ce", "ceci", "cela", "celle", "celles", "celui",
	"cependant", "ces", "cet", "cette", "ceux", "chacun", "chacune", "chaque", "chez", "chose", "choses",
	"combien", "comme", "comment", "contre", "dans", "de", "dedans", "dehors", "depuis", "derriere", "des",
	"desquelles", "desquels", "devant", "doit", "doivent", "donc", "dont", "du", "duquel", "durant", "elle",
	"elles", "en", "encore", "entre", "envers", "es", "est", "et", "etaient", "etais", "etait", "etant", "etes",
	"etiez", "etions", "etre", "eu", "eue", "eues", "eurent", "eus", "eut", "eux", "faire", "fais", "fait",
	"faite", "faites", "faits", "fois", "font", "furent", "fus", "fut", "hors", "ici", "il", "ils", "je",
	"jusque", "la", "laquelle", "le", "lequel", "les", "lesquelles", "lesquels", "leur", "leurs", "lors",
	"lorsque", "lui", "ma", "mais", "malgre", "me", "meme", "memes", "mes", "mien", "mienne", "miens", "mieux",
	"moi", "moins", "mon", "ne", "ni", "non", "nos", "notre", "nous", "on", "ont", "or", "ou", "outre", "par",
	"parce", "parmi", "pas", "pendant", "peu", "peut", "peuvent", "peux", "plus", "plusieurs", "pour",
	"pourquoi", "pourrait", "pouvait", "pouvoir", "puis", "puisque", "quand", "que", "quel", "quelle", "quelles",
	"quelque", "quelques", "quels", "qui", "quiconque", "quoi", "quoique", "sa", "sans", "sauf", "se", "selon",
	"sera", "serai", "seraient", "serait", "seras", "serez", "seriez", "serions", "serons", "seront", "ses",
	"seul", "seulement", "si", "sien", "sienne", "siens", "soi", "soient", "sois", "soit", "sommes", "son",
	"sont", "sous", "sur", "t", "ta", "tandis", "tant", "te", "tel", "telle", "telles", "tels", "tes", "toi",
	"ton", "tous", "tout", "toute", "toutes", "tres", "tu", "un", "une", "unes", "uns", "va", "vers", "via",
	"voici", "voila", "vos", "votre", "vous", "y",
	/* clang-format on */
};

bool
common_words_has(struct str folded)
{
	size_t low = 0, high = sizeof(words) / sizeof(words[0]);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(folded, str_of(words[middle]));

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

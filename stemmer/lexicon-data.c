/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lexicon-data: the dictionary's table, taken in as it is by the assembler.
 *
 * LEXICON_TABLE is the path of what lexicon-build wrote.  As a C array the same bytes would be ten
 * megabytes of source.
 */
__asm__(".pushsection .rodata\n"
	".global voisin_lexicon_table\n"
	".type voisin_lexicon_table, %object\n"
	".balign 8\n"
	"voisin_lexicon_table:\n"
	".incbin \"" LEXICON_TABLE "\"\n"
	".size voisin_lexicon_table, . - voisin_lexicon_table\n"
	".popsection\n");

/* A translation unit holds at least one declaration. */
extern const unsigned char voisin_lexicon_table[];

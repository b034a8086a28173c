/* SPDX-License-Identifier: GPL-2.0-or-later */
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.Term;
import org.apache.lucene.queries.intervals.IntervalQuery;
import org.apache.lucene.queries.intervals.Intervals;
import org.apache.lucene.queries.intervals.IntervalsSource;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.spans.SpanNearQuery;
import org.apache.lucene.search.spans.SpanQuery;
import org.apache.lucene.search.spans.SpanTermQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.QueryBuilder;

/**
 * Lucene 8, speaking as driver.h says.
 *
 * <pre>
 * java LucenePeer KIND index TEXT.tsv INDEX
 * java LucenePeer KIND query INDEX QUERIES.tsv
 * </pre>
 *
 * KIND is "spans" (words as they are; PhraseQuery and SpanNearQuery), "intervals" (the same index; positional queries by
 * intervals) or "french" (FrenchAnalyzer on text and queries, spans). A segment is merged from all ("forceMerge"), which is the fastest to
 * search; ids are doc values; nothing is stored; there is no query cache.
 */
public final class LucenePeer {
	private static final int HITS = 10;
	private static final int BETWEEN = 10;
	private static final String FIELD = "words";

	private final String kind;
	private final Analyzer analyzer;
	private final IndexSearcher[] searchers; // of the stems, of the forms
	private final List<String[]> queries = new ArrayList<>();
	private boolean[] unsaid;

	private static Analyzer analyzer(String kind) {
		return kind.equals("french") ? new FrenchAnalyzer() : new WhitespaceAnalyzer();
	}

	private static void index(String kind, Path text, Path index) throws IOException {
		IndexWriterConfig config = new IndexWriterConfig(analyzer(kind)).setRAMBufferSizeMB(256);

		try (Directory directory = new MMapDirectory(index); IndexWriter writer = new IndexWriter(directory, config);
				BufferedReader lines = Files.newBufferedReader(text, StandardCharsets.UTF_8)) {
			for (String line; (line = lines.readLine()) != null;) {
				int tab = line.indexOf('\t');
				Document document = new Document();

				document.add(new NumericDocValuesField("id", Long.parseLong(line.substring(0, tab))));
				document.add(new TextField(FIELD, line.substring(tab + 1), Field.Store.NO));
				writer.addDocument(document);
			}
			writer.forceMerge(1);
			writer.commit();
		}
	}

	private LucenePeer(String kind, Path index, Path queryFile) throws IOException {
		String[] names = kind.equals("french") ? new String[] {"raw", "raw"} : new String[] {"stems", "forms"};

		this.kind = kind;
		analyzer = analyzer(kind);
		searchers = new IndexSearcher[names.length];
		for (int i = 0; i < names.length; i++) {
			searchers[i] = new IndexSearcher(DirectoryReader.open(new MMapDirectory(index.resolve(names[i]))));
			searchers[i].setQueryCache(null);
		}
		for (String line : Files.readAllLines(queryFile, StandardCharsets.UTF_8))
			queries.add(line.split("\t"));
		unsaid = new boolean[queries.size()];
	}

	/* ---- From a line of the queries to a query ---- */

	/** The terms of some words: themselves, or what FrenchAnalyzer makes of them; null where that is nothing for one of them. */
	private String[] terms(String words) throws IOException {
		String[] split = words.split(" ");
		List<String> terms = new ArrayList<>();

		if (!kind.equals("french"))
			return split;
		for (String word : split) {
			int before = terms.size();

			try (TokenStream stream = analyzer.tokenStream(FIELD, word)) {
				CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);

				stream.reset();
				while (stream.incrementToken())
					terms.add(term.toString());
				stream.end();
			}
			if (terms.size() == before)
				return null;
		}
		return terms.toArray(new String[0]);
	}

	private static Query bool(String[] terms, BooleanClause.Occur occur) {
		BooleanQuery.Builder builder = new BooleanQuery.Builder();

		for (String term : terms)
			builder.add(new TermQuery(new Term(FIELD, term)), occur);
		return builder.build();
	}

	/** FrenchAnalyzer leaves stop words out of a phrase, and holes where they were. */
	private Query phrase(String words) throws IOException {
		if (kind.equals("intervals"))
			return new IntervalQuery(FIELD, Intervals.phrase(terms(words)));
		return new QueryBuilder(analyzer).createPhraseQuery(FIELD, words);
	}

	private static SpanQuery span(String[] terms) {
		SpanQuery[] clauses = new SpanQuery[terms.length];

		for (int i = 0; i < terms.length; i++)
			clauses[i] = new SpanTermQuery(new Term(FIELD, terms[i]));
		return clauses.length == 1 ? clauses[0] : new SpanNearQuery(clauses, 0, true);
	}

	private static IntervalsSource interval(String[] terms) {
		return terms.length == 1 ? Intervals.term(terms[0]) : Intervals.phrase(terms);
	}

	private Query near(String left, String right) throws IOException {
		String[] a = terms(left), b = terms(right);

		if (a == null || b == null)
			return null;
		if (kind.equals("intervals"))
			return new IntervalQuery(FIELD, Intervals.maxgaps(BETWEEN, Intervals.unordered(interval(a), interval(b))));
		return new SpanNearQuery(new SpanQuery[] {span(a), span(b)}, BETWEEN, false);
	}

	/** Null where this Lucene cannot say it. */
	private Query query(String[] columns) throws IOException {
		boolean french = kind.equals("french");
		String words = columns[french ? 4 : 3];
		String[] split = words.split("[ |]"), terms;

		switch (columns[2]) {
			case "phrase":
				return french && columns[1].equals("forms") ? null : phrase(words);
			case "near":
				return near(split[0], split[1]);
			case "phrasenear":
				return near(words.substring(0, words.indexOf('|')), split[split.length - 1]);
			case "prefix":
				return french ? null : new PrefixQuery(new Term(FIELD, words));
			default:
				terms = terms(words);
				if (terms == null)
					return null;
				return bool(terms, columns[2].equals("or") ? BooleanClause.Occur.SHOULD : BooleanClause.Occur.MUST);
		}
	}

	/* ---- Answering ---- */

	private IndexSearcher searcher(String[] columns) {
		return searchers[columns[1].equals("forms") ? 1 : 0];
	}

	private void count(PrintStream out) throws IOException {
		for (int i = 0; i < queries.size(); i++) {
			Query query = query(queries.get(i));

			unsaid[i] = query == null;
			out.println(unsaid[i] ? -1 : searcher(queries.get(i)).count(query));
		}
	}

	private long best(String[] columns) throws IOException {
		IndexSearcher searcher = searcher(columns);
		List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
		long last = 0;

		for (ScoreDoc hit : searcher.search(query(columns), HITS).scoreDocs) {
			LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(hit.doc, leaves));
			NumericDocValues ids = leaf.reader().getNumericDocValues("id");

			if (ids.advanceExact(hit.doc - leaf.docBase))
				last = Math.max(last, ids.longValue());
		}
		return last;
	}

	private void pass(PrintStream out) throws IOException {
		StringBuilder line = new StringBuilder();

		for (int i = 0; i < queries.size(); i++) {
			long start = System.nanoTime();

			if (!unsaid[i] && best(queries.get(i)) < 0)
				throw new IOException("a negative id");
			line.append(i > 0 ? " " : "");
			line.append(unsaid[i] ? "0" : String.format(Locale.ROOT, "%.1f", (System.nanoTime() - start) / 1e3));
		}
		out.println(line);
	}

	private void serve() throws IOException {
		PrintStream out = new PrintStream(System.out, false, "UTF-8");
		BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

		for (String command; (command = commands.readLine()) != null;) {
			if (command.equals("count"))
				count(out);
			else if (command.equals("pass"))
				pass(out);
			else
				throw new IOException("want count or pass, not: " + command);
			out.flush();
		}
	}

	public static void main(String[] arguments) throws IOException {
		List<String> kinds = Arrays.asList("spans", "intervals", "french");

		if (arguments.length != 4 || !kinds.contains(arguments[0])) {
			System.err.println("usage: LucenePeer KIND index TEXT.tsv INDEX | KIND query INDEX QUERIES.tsv");
			System.exit(2);
		}
		if (arguments[1].equals("index"))
			index(arguments[0], Paths.get(arguments[2]), Paths.get(arguments[3]));
		else
			new LucenePeer(arguments[0], Paths.get(arguments[2]), Paths.get(arguments[3])).serve();
	}
}

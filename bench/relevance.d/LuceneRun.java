/* SPDX-License-Identifier: GPL-2.0-or-later */
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/**
 * What Lucene finds: FrenchAnalyzer (elision, stop words, light stemmer) on documents and queries, an OR of the
 * query's terms, BM25 as Lucene sets it.
 *
 * <pre>java LuceneRun DOCUMENTS.tsv QUERIES.tsv FOLDER     prints query, document; 100 documents a query</pre>
 */
public final class LuceneRun {
	private static final int HITS = 100;

	private static void index(Directory directory, Analyzer analyzer, Path documents) throws IOException {
		IndexWriterConfig config = new IndexWriterConfig(analyzer).setSimilarity(new BM25Similarity());

		try (IndexWriter writer = new IndexWriter(directory, config)) {
			for (String line : Files.readAllLines(documents, StandardCharsets.UTF_8)) {
				int tab = line.indexOf('\t');
				Document document = new Document();

				document.add(new StringField("id", line.substring(0, tab), Field.Store.YES));
				document.add(new TextField("text", line.substring(tab + 1), Field.Store.NO));
				writer.addDocument(document);
			}
		}
	}

	private static BooleanQuery query(Analyzer analyzer, String text) throws IOException {
		BooleanQuery.Builder builder = new BooleanQuery.Builder();

		try (TokenStream stream = analyzer.tokenStream("text", text)) {
			CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);

			stream.reset();
			while (stream.incrementToken())
				builder.add(new TermQuery(new Term("text", term.toString())), BooleanClause.Occur.SHOULD);
			stream.end();
		}
		return builder.build();
	}

	public static void main(String[] arguments) throws IOException {
		PrintStream out = new PrintStream(System.out, false, "UTF-8");

		try (Analyzer analyzer = new FrenchAnalyzer(); Directory directory = FSDirectory.open(Paths.get(arguments[2]))) {
			index(directory, analyzer, Paths.get(arguments[0]));
			try (DirectoryReader reader = DirectoryReader.open(directory)) {
				IndexSearcher searcher = new IndexSearcher(reader);

				searcher.setSimilarity(new BM25Similarity());
				for (String line : Files.readAllLines(Paths.get(arguments[1]), StandardCharsets.UTF_8)) {
					int tab = line.indexOf('\t');

					for (ScoreDoc hit : searcher.search(query(analyzer, line.substring(tab + 1)), HITS).scoreDocs)
						out.println(line.substring(0, tab) + "\t" + searcher.doc(hit.doc).get("id"));
				}
			}
		}
		out.flush();
	}
}

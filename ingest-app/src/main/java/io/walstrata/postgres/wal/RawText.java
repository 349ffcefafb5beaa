package io.walstrata.postgres.wal;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Names in the log as strings, without loss. The log does not state the encoding of a name: it is
 * read as UTF-8, and each byte that is not UTF-8 becomes a character that UTF-8 never decodes to, a
 * low surrogate from U+DC80 to U+DCFF without a high one before it.
 */
public final class RawText {
  private static final char FIRST = '\uDC80';
  private static final char LAST = '\uDCFF';

  private RawText() {}

  static String decode(byte[] bytes, int offset, int length) {
    CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
    CharBuffer out = CharBuffer.allocate(length);
    while (true) {
      CoderResult result = utf8.decode(in, out, /* endOfInput= */ true);
      if (!result.isError()) {
        return out.flip().toString();
      }
      for (int i = 0; i < result.length(); i++) {
        out.put((char) (0xDC00 | (in.get() & 0xFF)));
      }
    }
  }

  /** Returns whether a character that is not the second of a pair stands for a byte. */
  public static boolean isByte(char c) {
    return c >= FIRST && c <= LAST;
  }

  /**
   * Returns the text for where only characters can be: bytes that are not UTF-8 as {@code \xE9}.
   */
  public static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean second = i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
      if (isByte(c) && !second) {
        escaped.append(String.format(Locale.ROOT, "\\x%02X", c & 0xFF));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }
}

package io.walstrata.harness.demo;

import io.walstrata.postgres.page.PageInspection;
import io.walstrata.postgres.wal.LittleEndian;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The demo's page, read as PostgreSQL would: rows of {@code account (id int, owner text, balance
 * int)}. All of its transactions have committed, so a tuple is a row until it has an xmax.
 */
record AccountPage(List<String> rows, List<String> others) {
  private static final int XMAX_INVALID = 0x0800;
  private static final int INT_BYTES = 4;

  static AccountPage of(byte[] page) {
    List<String> rows = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (Map<String, Object> item : new PageInspection(page).items()) {
      if (item.get("t_data") instanceof String data
          && item.get("t_xmax") instanceof Long xmax
          && item.get("t_infomask") instanceof Integer infomask) {
        String row = row(HexFormat.of().parseHex(data.substring(2)));
        if (xmax == 0 || (infomask & XMAX_INVALID) != 0) {
          rows.add(row);
        } else {
          others.add(row + " (until xid " + xmax + ")");
        }
      }
    }
    return new AccountPage(rows, others);
  }

  /** Reads an int, a text shorter than 127 bytes after its length, and an int at the next 4. */
  private static String row(byte[] data) {
    int textBytes = (data[INT_BYTES] & 0xFF) >>> 1;
    byte[] text = Arrays.copyOfRange(data, INT_BYTES + 1, INT_BYTES + textBytes);
    int balance = (INT_BYTES + textBytes + 3) & ~3;
    return LittleEndian.i32(data, 0)
        + " "
        + new String(text, StandardCharsets.UTF_8)
        + " "
        + LittleEndian.i32(data, balance);
  }
}

package io.walstrata.postgres.wal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian numbers in byte arrays, at any alignment. */
public final class LittleEndian {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private LittleEndian() {}

  public static int u16(byte[] bytes, int offset) {
    return (short) SHORT.get(bytes, offset) & 0xFFFF;
  }

  public static int i32(byte[] bytes, int offset) {
    return (int) INT.get(bytes, offset);
  }

  public static long u32(byte[] bytes, int offset) {
    return i32(bytes, offset) & 0xFFFFFFFFL;
  }

  public static long i64(byte[] bytes, int offset) {
    return (long) LONG.get(bytes, offset);
  }

  public static void putU16(byte[] bytes, int offset, int value) {
    SHORT.set(bytes, offset, (short) value);
  }

  public static void putI32(byte[] bytes, int offset, int value) {
    INT.set(bytes, offset, value);
  }
}

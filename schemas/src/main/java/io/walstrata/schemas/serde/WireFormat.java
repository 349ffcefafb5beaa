package io.walstrata.schemas.serde;

/**
 * Confluent's framing of a message.
 *
 * <pre>
 * Message -&gt; Magic SchemaId Body
 *   Magic     u8, 0x00
 *   SchemaId  i32, big-endian: the id under which a schema registry has the writer's schema
 *   Body      the message in Avro binary
 * </pre>
 */
public final class WireFormat {
  /** The first byte. */
  public static final byte MAGIC = 0;

  /** Where the schema id starts. */
  public static final int ID_OFFSET = 1;

  /** Where the body starts. */
  public static final int BODY_OFFSET = ID_OFFSET + Integer.BYTES;

  private WireFormat() {}

  /**
   * Returns the schema id of a framed message.
   *
   * @throws MalformedMessageException if the message is not framed
   */
  public static int schemaId(byte[] message) {
    if (message.length < BODY_OFFSET) {
      throw new MalformedMessageException(
          "message too short for a schema id: length="
              + message.length
              + ", shortest="
              + BODY_OFFSET);
    }
    if (message[0] != MAGIC) {
      throw new MalformedMessageException(
          String.format(
              "message does not start with Confluent's magic byte: expected=0x%02X, actual=0x%02X",
              MAGIC, message[0]));
    }
    return message[ID_OFFSET] << 24
        | (message[ID_OFFSET + 1] & 0xFF) << 16
        | (message[ID_OFFSET + 2] & 0xFF) << 8
        | (message[ID_OFFSET + 3] & 0xFF);
  }

  /** Writes magic and schema id at the start of an array. */
  static void writeHeader(byte[] message, int schemaId) {
    message[0] = MAGIC;
    message[ID_OFFSET] = (byte) (schemaId >>> 24);
    message[ID_OFFSET + 1] = (byte) (schemaId >>> 16);
    message[ID_OFFSET + 2] = (byte) (schemaId >>> 8);
    message[ID_OFFSET + 3] = (byte) schemaId;
  }
}

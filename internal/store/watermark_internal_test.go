package store

import "testing"

func FuzzSlot(f *testing.F) {
	slot := encodeSlot(3, 12345)
	f.Add(uint16(3), slot[:])
	f.Add(uint16(4), slot[:])
	f.Add(uint16(0), []byte{})
	f.Fuzz(func(t *testing.T, p uint16, b []byte) {
		seq, ok := decodeSlot(Part(p), b)
		if again := encodeSlot(Part(p), seq); ok && string(again[:]) != string(b[:slotBytes]) {
			t.Errorf("slot %x of partition %d reads as %d, which is %x", b, p, seq, again)
		}
	})
}

func TestSlot(t *testing.T) {
	t.Parallel()
	slot := encodeSlot(3, 12345)
	if seq, ok := decodeSlot(3, slot[:]); !ok || seq != 12345 {
		t.Errorf("decodeSlot = %d, %v, want 12345", seq, ok)
	}
	if _, ok := decodeSlot(4, slot[:]); ok {
		t.Error("the slot of another partition is taken for this one's")
	}
	for bit := range 8 * slotBytes {
		slot[bit/8] ^= 1 << (bit % 8)
		if _, ok := decodeSlot(3, slot[:]); ok {
			t.Errorf("flipped bit %d is not seen", bit)
		}
		slot[bit/8] ^= 1 << (bit % 8)
	}
}

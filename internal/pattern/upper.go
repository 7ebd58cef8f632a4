package pattern

// iota is what a subscript iota becomes in upper case.
const greekIota = "\u0399"

// longUpper returns the upper case of the characters that become more than one
// character (Unicode, SpecialCasing, the part that depends on no language).
func longUpper(r rune) (string, bool) {
	switch {
	case 0x1F80 <= r && r <= 0x1F8F:
		return string(0x1F08+r&7) + greekIota, true
	case 0x1F90 <= r && r <= 0x1F9F:
		return string(0x1F28+r&7) + greekIota, true
	case 0x1FA0 <= r && r <= 0x1FAF:
		return string(0x1F68+r&7) + greekIota, true
	}
	switch r {
	case 0x00DF:
		return "SS", true
	case 0x0149:
		return "\u02BCN", true
	case 0x01F0:
		return "J\u030C", true
	case 0x0390, 0x1FD3:
		return "\u0399\u0308\u0301", true
	case 0x03B0, 0x1FE3:
		return "\u03A5\u0308\u0301", true
	case 0x0587:
		return "\u0535\u0552", true
	case 0x1E96:
		return "H\u0331", true
	case 0x1E97:
		return "T\u0308", true
	case 0x1E98:
		return "W\u030A", true
	case 0x1E99:
		return "Y\u030A", true
	case 0x1E9A:
		return "A\u02BE", true
	case 0x1F50:
		return "\u03A5\u0313", true
	case 0x1F52:
		return "\u03A5\u0313\u0300", true
	case 0x1F54:
		return "\u03A5\u0313\u0301", true
	case 0x1F56:
		return "\u03A5\u0313\u0342", true
	case 0x1FB2:
		return "\u1FBA\u0399", true
	case 0x1FB3, 0x1FBC:
		return "\u0391\u0399", true
	case 0x1FB4:
		return "\u0386\u0399", true
	case 0x1FB6:
		return "\u0391\u0342", true
	case 0x1FB7:
		return "\u0391\u0342\u0399", true
	case 0x1FC2:
		return "\u1FCA\u0399", true
	case 0x1FC3, 0x1FCC:
		return "\u0397\u0399", true
	case 0x1FC4:
		return "\u0389\u0399", true
	case 0x1FC6:
		return "\u0397\u0342", true
	case 0x1FC7:
		return "\u0397\u0342\u0399", true
	case 0x1FD2:
		return "\u0399\u0308\u0300", true
	case 0x1FD6:
		return "\u0399\u0342", true
	case 0x1FD7:
		return "\u0399\u0308\u0342", true
	case 0x1FE2:
		return "\u03A5\u0308\u0300", true
	case 0x1FE4:
		return "\u03A1\u0313", true
	case 0x1FE6:
		return "\u03A5\u0342", true
	case 0x1FE7:
		return "\u03A5\u0308\u0342", true
	case 0x1FF2:
		return "\u1FFA\u0399", true
	case 0x1FF3, 0x1FFC:
		return "\u03A9\u0399", true
	case 0x1FF4:
		return "\u038F\u0399", true
	case 0x1FF6:
		return "\u03A9\u0342", true
	case 0x1FF7:
		return "\u03A9\u0342\u0399", true
	case 0xFB00:
		return "FF", true
	case 0xFB01:
		return "FI", true
	case 0xFB02:
		return "FL", true
	case 0xFB03:
		return "FFI", true
	case 0xFB04:
		return "FFL", true
	case 0xFB05, 0xFB06:
		return "ST", true
	case 0xFB13:
		return "\u0544\u0546", true
	case 0xFB14:
		return "\u0544\u0535", true
	case 0xFB15:
		return "\u0544\u053B", true
	case 0xFB16:
		return "\u054E\u0546", true
	case 0xFB17:
		return "\u0544\u053D", true
	}
	return "", false
}

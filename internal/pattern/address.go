package pattern

import (
	"net/netip"
	"strconv"
	"strings"
)

// cidr compiles a network. None of its complaints has a location.
func (c *compiler) cidr(s string) (test, error) {
	host, mask, ok := strings.Cut(strings.TrimRight(s, "/"), "/")
	if !ok || strings.Contains(mask, "/") {
		return nil, c.bare("Malformed CIDR, one '/' required")
	}
	bits, err := strconv.ParseInt(mask, 10, 32)
	if err != nil {
		return nil, c.bare("Malformed CIDR, mask bits must be an integer")
	}
	if bits < 0 {
		return nil, c.bare("Malformed CIDR, mask bits must not be negative")
	}
	if !looksLikeAddress(host) {
		return nil, c.bare("Nonstandard IP address: %s", host)
	}
	addr, ok := parseAddress(host)
	switch {
	case !ok:
		return nil, c.bare("Invalid IP address: %s", host)
	case addr.Is4() && bits >= 32:
		return nil, c.bare("IPv4 mask bits must be < 32")
	case bits >= 128:
		return nil, c.bare("IPv6 mask bits must be < 128")
	}
	return network{netip.PrefixFrom(addr, int(bits)).Masked()}, nil
}

// looksLikeAddress reports whether s has the form of an address: four runs of
// digits with dots between them, or hex digits with at least one colon.
func looksLikeAddress(s string) bool {
	if strings.Contains(s, ":") {
		return strings.TrimLeft(s, "0123456789abcdefABCDEF:") == ""
	}
	dots, run := 0, 0
	for _, c := range []byte(s) {
		switch {
		case isDigit(c):
			run++
		case c == '.' && run > 0:
			dots, run = dots+1, 0
		default:
			return false
		}
	}
	return dots == 3 && run > 0
}

// maxAddress4 is how long a dotted address may be, leading zeros included.
const maxAddress4 = len("255.255.255.255")

// parseAddress reads an address more generously than netip does: any number of
// leading zeros, taken as decimal in dotted addresses. An IPv4 address mapped
// into IPv6 is the IPv4 address. There are no zones and no mixed forms.
func parseAddress(s string) (netip.Addr, bool) {
	if !looksLikeAddress(s) {
		return netip.Addr{}, false
	}
	if strings.Contains(s, ":") {
		return parseAddress6(s)
	}
	if len(s) > maxAddress4 {
		return netip.Addr{}, false
	}
	var a [4]byte
	for i := range a {
		part, rest, _ := strings.Cut(s, ".")
		n := 0
		for _, c := range []byte(part) {
			n = n*10 + int(c-'0')
			if n > 255 {
				return netip.Addr{}, false
			}
		}
		a[i], s = byte(n), rest
	}
	return netip.AddrFrom4(a), true
}

// parseAddress6 reads hex groups between colons; "::" stands for at least one
// group of zeros.
func parseAddress6(s string) (netip.Addr, bool) {
	head, tail, short := strings.Cut(s, "::")
	left, ok := groups(nil, head, short)
	if !ok {
		return netip.Addr{}, false
	}
	right, ok := groups(nil, tail, true)
	if !ok {
		return netip.Addr{}, false
	}
	n := len(left) + len(right)
	if short && n > 14 || !short && n != 16 {
		return netip.Addr{}, false
	}
	var a [16]byte
	copy(a[:], left)
	copy(a[16-len(right):], right)
	return netip.AddrFrom16(a).Unmap(), true
}

// groups appends the bytes of colon-separated groups; there may be none if
// empty is set.
func groups(out []byte, s string, empty bool) ([]byte, bool) {
	if s == "" {
		return out, empty
	}
	for more := true; more; {
		var part string
		part, s, more = strings.Cut(s, ":")
		n := rune(0)
		for _, c := range []byte(part) {
			d, ok := hexDigit(c)
			if n = n<<4 | d; !ok || n > 0xFFFF {
				return nil, false
			}
		}
		if part == "" || len(out) == 16 {
			return nil, false
		}
		out = append(out, byte(n>>8), byte(n))
	}
	return out, true
}

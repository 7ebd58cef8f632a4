package wire

import (
	"math"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// The formats of timestamps, as models call them.
const (
	formatISO   = "iso8601"
	formatRFC   = "rfc822"
	formatEpoch = "unixTimestamp"
)

// parseTimestamp reads a timestamp in any form that AWS's clients send: ISO
// 8601, RFC 822 and its relatives, or seconds since 1970 with a fraction.
func parseTimestamp(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if t, ok := parseEpoch(text); ok {
		return t, true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	if t, err := http.ParseTime(text); err == nil {
		return t.UTC(), true
	}
	for _, layout := range []string{time.RFC1123Z, "Mon, 02 Jan 2006 15:04:05.999999999 GMT"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// The seconds of the years that a timestamp may be in, 1 to 9999.
const (
	minEpoch = -62135596800
	maxEpoch = 253402300799
)

// parseEpoch reads seconds since 1970. A plain decimal is exact to the
// nanosecond; one with an exponent is as exact as a float64.
func parseEpoch(text string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || strings.ContainsAny(fraction, "eE") {
		return floatEpoch(text)
	}
	nanos := int64(0)
	if fraction != "" {
		if len(fraction) > 9 {
			fraction = fraction[:9]
		}
		n, err := strconv.ParseUint(fraction, 10, 64)
		if err != nil {
			return time.Time{}, false
		}
		nanos = int64(n)
		for range 9 - len(fraction) {
			nanos *= 10
		}
		if strings.HasPrefix(whole, "-") {
			nanos = -nanos
		}
	}
	if seconds < minEpoch || seconds > maxEpoch {
		return time.Time{}, false
	}
	return time.Unix(seconds, nanos).UTC(), true
}

func floatEpoch(text string) (time.Time, bool) {
	if text == "" || text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return time.Time{}, false // ParseFloat knows more words than numbers
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < minEpoch || f > maxEpoch {
		return time.Time{}, false
	}
	return epochTime(f), true
}

// epochTime is the moment f seconds after 1970, to the millisecond.
func epochTime(f float64) time.Time {
	whole, fraction := math.Modf(f)
	return time.Unix(int64(whole), int64(math.Round(fraction*1e3))*1e6).UTC()
}

// timeOf returns the timestamp v, without a copy on the heap where that can be.
func timeOf(v reflect.Value) time.Time {
	if v.CanAddr() {
		return *v.Addr().Interface().(*time.Time)
	}
	return v.Interface().(time.Time)
}

// appendTimestamp writes t in a format; AWS tells milliseconds at most.
func appendTimestamp(b []byte, t time.Time, format string) []byte {
	t = t.UTC()
	switch format {
	case formatISO:
		if t.Nanosecond()/1e6 == 0 {
			return t.AppendFormat(b, "2006-01-02T15:04:05Z")
		}
		return t.AppendFormat(b, "2006-01-02T15:04:05.000Z")
	case formatRFC:
		return t.AppendFormat(b, http.TimeFormat)
	}
	ms := t.UnixMilli()
	if ms%1000 == 0 {
		return strconv.AppendInt(b, ms/1000, 10)
	}
	if ms < 0 {
		b, ms = append(b, '-'), -ms
	}
	b = strconv.AppendInt(b, ms/1000, 10)
	fraction := strconv.AppendInt(nil, 1000+ms%1000, 10)
	fraction[0] = '.'
	return append(b, strings.TrimRight(string(fraction), "0")...)
}

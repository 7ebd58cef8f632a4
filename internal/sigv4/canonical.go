package sigv4

import (
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// canonicalRequest is the text of r that is signed. The headers are those that
// the signature lists, in its order.
func canonicalRequest(r *http.Request, s *Signature, payloadHash string) string {
	var b strings.Builder
	b.Grow(512)
	b.WriteString(r.Method)
	b.WriteByte('\n')
	b.WriteString(canonicalPath(rawPath(r), isS3(s.Service)))
	b.WriteByte('\n')
	b.WriteString(canonicalQuery(r.URL.RawQuery, s.Presigned))
	b.WriteByte('\n')
	for _, name := range s.SignedHeaders {
		b.WriteString(name)
		b.WriteByte(':')
		appendHeader(&b, r, name)
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	b.WriteString(strings.Join(s.SignedHeaders, ";"))
	b.WriteByte('\n')
	b.WriteString(payloadHash)
	return b.String()
}

// rawPath is the path as it was sent, which is what the caller has signed. A
// request that was not received but made has none, but will be sent with it.
func rawPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if !strings.HasPrefix(path, "/") {
		path = r.URL.EscapedPath()
	}
	return path
}

// canonicalPath encodes a path that was sent. For S3 that is done once, so the
// path is decoded before; for others twice, and without what a path may have
// in excess.
func canonicalPath(path string, s3 bool) string {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if !s3 {
		segments = normalized(segments)
	}
	var b strings.Builder
	b.Grow(len(path) + 16)
	for _, segment := range segments {
		b.WriteByte('/')
		if s3 {
			// What cannot be decoded was sent as it is.
			if decoded, err := url.PathUnescape(segment); err == nil {
				segment = decoded
			}
		}
		appendEncoded(&b, segment)
	}
	return b.String()
}

// normalized takes empty and dot segments out of a path. A slash at its end
// stays.
func normalized(segments []string) []string {
	out := make([]string, 0, len(segments)+1)
	for _, segment := range segments {
		switch segment {
		case "", ".":
		case "..":
			if len(out) > 0 {
				out = out[:len(out)-1]
			}
		default:
			out = append(out, segment)
		}
	}
	if len(out) == 0 || segments[len(segments)-1] == "" {
		out = append(out, "")
	}
	return out
}

// canonicalQuery encodes the parameters and sorts them by name, then by value.
func canonicalQuery(raw string, presigned bool) string {
	if raw == "" {
		return ""
	}
	type parameter struct{ name, value string }
	list := make([]parameter, 0, strings.Count(raw, "&")+1)
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, value = recode(name), recode(value)
		if presigned && name == "X-Amz-Signature" {
			continue
		}
		list = append(list, parameter{name, value})
	}
	slices.SortFunc(list, func(a, b parameter) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
	var b strings.Builder
	b.Grow(len(raw) + 16)
	for i, p := range list {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.name)
		b.WriteByte('=')
		b.WriteString(p.value)
	}
	return b.String()
}

// recode decodes a part of a query and encodes it in the one way that is signed.
func recode(text string) string {
	if decoded, err := url.QueryUnescape(text); err == nil {
		text = decoded
	}
	var b strings.Builder
	b.Grow(len(text))
	appendEncoded(&b, text)
	return b.String()
}

// appendEncoded percent-encodes every byte that is not unreserved.
func appendEncoded(b *strings.Builder, text string) {
	const digits = "0123456789ABCDEF"
	for i := range len(text) {
		c := text[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
}

// appendHeader appends the values of a header, trimmed, with single spaces. Host
// and, where it was taken out of the header, the length are the request's own.
func appendHeader(b *strings.Builder, r *http.Request, name string) {
	values := r.Header[textproto.CanonicalMIMEHeaderKey(name)]
	switch {
	case name == "host":
		values = []string{r.Host}
	case name == "content-length" && len(values) == 0 && r.ContentLength >= 0:
		values = []string{strconv.FormatInt(r.ContentLength, 10)}
	}
	for i, value := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		appendTrimmed(b, value)
	}
}

func appendTrimmed(b *strings.Builder, value string) {
	value = strings.Trim(value, " \t")
	for i := range len(value) {
		if value[i] == ' ' && value[i-1] == ' ' { // never the first: it was trimmed
			continue
		}
		b.WriteByte(value[i])
	}
}

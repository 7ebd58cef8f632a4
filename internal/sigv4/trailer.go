package sigv4

import (
	"net/http"
	"strings"
)

// trailerSignature is the line behind the trailers that signs them.
const trailerSignature = "x-amz-trailer-signature"

// readTrailers reads the lines behind the last chunk, to the empty one. Those
// that were announced must be there, and no others.
func (f *frames) readTrailers() error {
	var signed strings.Builder // the lines that have a signature
	signature := ""
	for count := 0; ; count++ {
		line, err := f.line()
		switch {
		case err != nil:
			return err
		case line == "":
			return f.checkTrailers(signed.String(), signature)
		case !f.trailing || count > maxTrailers || signature != "":
			return errTrailer()
		}
		name, value, found := strings.Cut(line, ":")
		name, value = strings.ToLower(strings.Trim(name, " \t")), strings.Trim(value, " \t")
		switch {
		case !found:
			return errTrailer()
		case name == trailerSignature:
			signature = value
		case !f.announces(name) || f.trailers[name] != "":
			return errTrailer()
		default:
			f.trailers[name] = value
			signed.WriteString(name + ":" + value + "\n")
		}
	}
}

// checkTrailers checks that all trailers are there, and their signature.
func (f *frames) checkTrailers(lines, signature string) error {
	for _, name := range f.names {
		if f.trailers[name] == "" {
			return errTrailer()
		}
	}
	if f.hash == nil || !f.trailing {
		return nil
	}
	want := f.proof.chain("AWS4-HMAC-SHA256-TRAILER", f.previous, HashPayload([]byte(lines)))
	if !equal(want, signature) {
		return errMismatch(f.proof.service)
	}
	return nil
}

func errTrailer() error {
	return s3Error(http.StatusBadRequest, "MalformedTrailerError",
		"The request contained trailing data that was not well-formed or did not conform to our published schema.")
}

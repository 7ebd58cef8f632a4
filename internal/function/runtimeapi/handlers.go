package runtimeapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

const prefix = "/2018-06-01"

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+prefix+"/ping", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "pong") })
	mux.HandleFunc("GET "+prefix+"/runtime/invocation/next", s.handleNext)
	mux.HandleFunc("POST "+prefix+"/runtime/invocation/{id}/response", s.handleResponse)
	mux.HandleFunc("POST "+prefix+"/runtime/invocation/{id}/error", s.handleError)
	mux.HandleFunc("POST "+prefix+"/runtime/init/error", s.handleInitError)
	return s.onlyLocal(mux)
}

// onlyLocal refuses what a web page could send: a browser that was led to this
// port by a rebound name sends that name as Host, and Origin otherwise.
func (s *Server) onlyLocal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != s.addr || r.Header.Get("Origin") != "" {
			fail(w, http.StatusForbidden, "Forbidden", "The Runtime API is only for the process it belongs to")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) handleNext(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	from := s.state
	if !permits(from, ready) || s.waiting {
		s.mu.Unlock()
		refuse(w, from, ready)
		return
	}
	if from == running {
		c := s.current
		s.mu.Unlock()
		_ = c.inv.writeTo(w) // the client is gone: it will ask again, or its process has ended
		return
	}
	s.state, s.waiting = ready, true
	s.mu.Unlock()
	switch {
	case from == started:
		s.init <- Outcome{}
	case from == responseSent && s.idle != nil:
		s.idle()
	}
	if c := s.next(r.Context()); c != nil {
		_ = c.inv.writeTo(w) // as above
	}
}

func (s *Server) handleResponse(w http.ResponseWriter, r *http.Request) {
	mode := r.Header.Get("Lambda-Runtime-Function-Response-Mode")
	c, ok := s.begin(w, r, response)
	if !ok {
		return
	}
	if mode != "" && mode != "streaming" {
		s.settle(c, Outcome{
			ContentType: "application/json",
			ErrorType:   "Runtime.InvalidResponseModeHeader",
			Payload:     []byte(`{"errorMessage":"Invalid response mode","errorType":"Runtime.InvalidResponseModeHeader"}`),
		})
		fail(w, http.StatusBadRequest, "InvalidFunctionResponseMode", "Invalid response mode")
		return
	}
	body, err := readBody(r)
	switch {
	case errors.Is(err, errTooLarge):
		s.settle(c, tooLarge())
		failTooLarge(w)
	case err != nil:
		s.resume()
		fail(w, http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated")
	default:
		out := Outcome{Payload: body, ContentType: r.Header.Get("Content-Type")}
		if kind := r.Trailer.Get("Lambda-Runtime-Function-Error-Type"); kind != "" {
			out = streamError(kind, r.Trailer.Get("Lambda-Runtime-Function-Error-Body"))
		}
		s.settle(c, out)
		accept(w)
	}
}

// streamError is the outcome of a streamed response that ended in an error.
// The trailer carries the error's body in base64.
func streamError(kind, encoded string) Outcome {
	body, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		body = []byte(encoded)
	}
	return Outcome{Payload: body, ContentType: "application/json", ErrorType: normalizeErrorType(kind)}
}

func (s *Server) handleError(w http.ResponseWriter, r *http.Request) {
	c, ok := s.begin(w, r, errorResponse)
	if !ok {
		return
	}
	out, err := readError(r)
	switch {
	case errors.Is(err, errTooLarge):
		s.settle(c, tooLarge())
		failTooLarge(w)
	case err != nil:
		s.resume()
		fail(w, http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated")
	default:
		s.settle(c, out)
		accept(w)
	}
}

func (s *Server) handleInitError(w http.ResponseWriter, r *http.Request) {
	out, err := readError(r)
	large := errors.Is(err, errTooLarge)
	switch {
	case large:
		out = tooLarge()
	case err != nil:
		fail(w, http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated")
		return
	}
	s.mu.Lock()
	from := s.state
	if !permits(from, initError) {
		s.mu.Unlock()
		refuse(w, from, initError)
		return
	}
	s.state = initError
	s.mu.Unlock()
	s.init <- out
	if large {
		failTooLarge(w)
		return
	}
	accept(w)
}

// failTooLarge tells the runtime that its body was too large. The invocation, or
// the initialization, has ended with that.
func failTooLarge(w http.ResponseWriter) {
	fail(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge",
		fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", MaxResponse))
}

// begin checks the request id, then the state, and takes the runtime to the
// state to. If it may not, begin has answered.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, to state) (*Call, bool) {
	s.mu.Lock()
	from, c := s.state, s.current
	known := c != nil && c.inv.RequestID == r.PathValue("id")
	ok := known && permits(from, to)
	if ok {
		s.state = to
	}
	s.mu.Unlock()
	switch {
	case !known:
		fail(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
	case !ok:
		refuse(w, from, to)
	}
	return c, ok
}

// settle ends the invocation with out.
func (s *Server) settle(c *Call, out Outcome) {
	s.mu.Lock()
	s.state, s.current = responseSent, nil
	s.mu.Unlock()
	c.done <- out
}

// resume undoes begin: the body broke off, so the runtime may answer again.
func (s *Server) resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = running
}

var errTooLarge = errors.New("body too large")

// readBody reads a whole body of at most [MaxResponse] bytes. It reads the
// rest of a larger one too, or the client would see a reset connection instead
// of the answer.
func readBody(r *http.Request) ([]byte, error) {
	var b bytes.Buffer
	if n := r.ContentLength; n > 0 && n <= MaxResponse {
		b.Grow(int(n) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(r.Body, MaxResponse+1))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	if n > MaxResponse {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, fmt.Errorf("discard body: %w", err)
		}
		return nil, errTooLarge
	}
	return b.Bytes(), nil
}

func readError(r *http.Request) (Outcome, error) {
	body, err := readBody(r)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{
		Payload:     body,
		ContentType: "application/json",
		ErrorType:   normalizeErrorType(r.Header.Get("Lambda-Runtime-Function-Error-Type")),
		Cause:       r.Header.Get("Lambda-Runtime-Function-XRay-Error-Cause"),
	}
	if r.Header.Get("Content-Type") == causeContentType {
		out.Payload, out.Cause = splitCause(body)
	}
	out.Cause = boundedCause(out.Cause)
	return out, nil
}

func accept(w http.ResponseWriter) {
	reply(w, http.StatusAccepted, []byte(`{"status":"OK"}`))
}

func refuse(w http.ResponseWriter, from, to state) {
	fail(w, http.StatusForbidden, "InvalidStateTransition", transitionMessage(from, to))
}

// fail answers with an error in the Runtime API's form.
func fail(w http.ResponseWriter, status int, kind, message string) {
	body, err := json.Marshal(struct {
		ErrorMessage string `json:"errorMessage"`
		ErrorType    string `json:"errorType"`
	}{message, kind})
	if err != nil {
		// Two strings always encode.
		panic(err)
	}
	reply(w, status, body)
}

func reply(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone needs no answer
}

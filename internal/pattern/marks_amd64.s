#include "textflag.h"

// SPECIALS sets the low 16 bits of out to which of the 16 bytes at off(SI) are
// special. X5 and X6 hold quotation marks and backslashes, X7 the highest control
// character.
#define SPECIALS(off, out) \
	MOVOU    off(SI), X0 \
	MOVO     X0, X1      \
	MOVO     X0, X2      \
	MOVO     X0, X3      \
	PCMPEQB  X5, X1      \
	PCMPEQB  X6, X2      \
	PMINUB   X7, X3      \
	PCMPEQB  X0, X3      \
	POR      X1, X2      \
	POR      X2, X3      \
	PMOVMSKB X3, out

#define EVERY(byte, reg) \
	MOVQ       $byte, AX \
	MOVQ       AX, reg   \
	PUNPCKLQDQ reg, reg

// func markVectors(marks *uint64, data *byte, blocks int)
// It needs SSE2, which every amd64 has.
TEXT ·markVectors(SB), NOSPLIT, $0-24
	MOVQ marks+0(FP), DI
	MOVQ data+8(FP), SI
	MOVQ blocks+16(FP), CX
	EVERY(0x2222222222222222, X5)
	EVERY(0x5C5C5C5C5C5C5C5C, X6)
	EVERY(0x1F1F1F1F1F1F1F1F, X7)
	JMP  more

block:
	SPECIALS(0, AX)
	SPECIALS(16, BX)
	SPECIALS(32, DX)
	SPECIALS(48, R8)
	SHLQ $16, BX
	SHLQ $32, DX
	SHLQ $48, R8
	ORQ  BX, AX
	ORQ  R8, DX
	ORQ  DX, AX
	MOVQ AX, (DI)
	ADDQ $64, SI
	ADDQ $8, DI
	DECQ CX

more:
	TESTQ CX, CX
	JNZ   block
	RET

// WIDE is SPECIALS for 32 bytes, with Y5 to Y7.
#define WIDE(off, Y0, Y1, Y2, Y3, out) \
	VMOVDQU   off(SI), Y0 \
	VPCMPEQB  Y5, Y0, Y1  \
	VPCMPEQB  Y6, Y0, Y2  \
	VPMINUB   Y7, Y0, Y3  \
	VPCMPEQB  Y3, Y0, Y3  \
	VPOR      Y1, Y2, Y1  \
	VPOR      Y1, Y3, Y1  \
	VPMOVMSKB Y1, out

// Instructions without V, here or in the loop, would take hundreds of
// nanoseconds: they and the wide ones wait for each other.
#define EVERYWIDE(byte, X, Y) \
	MOVL         $byte, AX \
	VMOVQ        AX, X     \
	VPBROADCASTB X, Y

// func markWide(marks *uint64, data *byte, blocks int)
// It is markVectors with AVX2, and blocks is not 0.
TEXT ·markWide(SB), NOSPLIT, $0-24
	MOVQ marks+0(FP), DI
	MOVQ data+8(FP), SI
	MOVQ blocks+16(FP), CX
	EVERYWIDE(0x22, X5, Y5)
	EVERYWIDE(0x5C, X6, Y6)
	EVERYWIDE(0x1F, X7, Y7)

wide:
	WIDE(0, Y0, Y1, Y2, Y3, AX)
	WIDE(32, Y8, Y9, Y10, Y11, BX)
	SHLQ $32, BX
	ORQ  BX, AX
	MOVQ AX, (DI)
	ADDQ $64, SI
	ADDQ $8, DI
	DECQ CX
	JNZ  wide
	VZEROUPPER
	RET

# A whole guest in one boot sector (real mode, PC BIOS). A hundred times a second it writes a line to its serial port: how often this guest
# has booted, and its ticks since, 8 hexadecimal digits each. The boots are counted in the sector after this one of its disk. The power
# button ends it, after a last line "Z". Between ticks it halts.
# The byte at offset 3: 1 leaves the power button alone; 2 changes 512 KiB of memory at every tick.
.code16
.globl _start
_start: jmp start
        nop
manner: .byte 0
start:  cli
        cld
        xorw %ax,%ax
        movw %ax,%ds
        movw %ax,%es
        movw %ax,%ss
        movw $0x7c00,%sp
        movb %dl,drive
        movb $0x34,%al           # timer 0: 1193182 Hz / 11932
        outb %al,$0x43
        movb $0x9c,%al
        outb %al,$0x40
        movb $0x2e,%al
        outb %al,$0x40
        movw $0x3fb,%dx          # serial port 1: 115200 8N1
        movb $0x80,%al
        outb %al,%dx
        movw $0x3f8,%dx
        movw $1,%ax
        outw %ax,%dx
        movw $0x3fb,%dx
        movb $3,%al
        outb %al,%dx
        movw $0x602,%dx          # ACPI, PM1 enable: the power button
        movw $0x100,%ax
        testb $1,manner
        jnz 1f
        outw %ax,%dx
1:      movb $0x42,%ah
        call disk
        cmpl $0x4b434954,0x8000  # "TICK"
        je 2f
        movl $0x4b434954,0x8000
        xorl %eax,%eax
        movl %eax,0x8004
2:      incl 0x8004
        movw $0x4300,%ax
        call disk
        sti
# QEMU before 9.0 loses what is written to memory while a computed guest migrates, as it forgets to flush the TLB. Turning CR0.WP on and
# off does that.
loop:   movl %cr0,%eax
        xorl $0x10000,%eax
        movl %eax,%cr0
        hlt
        movl 0x46c,%eax
        cmpl last,%eax
        je loop
        movl %eax,last
        incl ticks
        movl 0x8004,%ebx
        call hex
        movb $0x20,%al
        call putc
        movl ticks,%ebx
        call hex
        movb $10,%al
        call putc
        movw $0x600,%dx          # PM1 status: was the power button pressed?
        inw %dx,%ax
        testb $1,%ah
        jnz off
        testb $2,manner
        jz loop
        movw $0x1000,%ax         # 128 pages from 0x10000 on
        movw $128,%cx
3:      movw %ax,%es
        incb %es:0
        addw $0x100,%ax
        loop 3b
        xorw %ax,%ax
        movw %ax,%es
        jmp loop
off:    movb $0x5a,%al
        call putc
        movb $10,%al
        call putc
        movw $0x604,%dx          # PM1 control: sleep, type 0 is off
        movw $0x2000,%ax
        outw %ax,%dx
4:      cli
        hlt
        jmp 4b
disk:   movb drive,%dl
        movw $packet,%si
        int $0x13
        ret
hex:    movw $8,%cx
5:      roll $4,%ebx
        movb %bl,%al
        andb $15,%al
        cmpb $10,%al
        jb 6f
        addb $39,%al
6:      addb $48,%al
        call putc
        loop 5b
        ret
putc:   movw $0x3f8,%dx
        outb %al,%dx
        ret
packet: .byte 16,0
        .word 1,0x8000,0
        .quad 1
last:   .long 0
ticks:  .long 0
drive:  .byte 0
        .org 510
        .word 0xaa55

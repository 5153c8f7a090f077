"""Bank statements as the banks write them, with invented movements."""

BCA = """\
"Informasi Rekening - Mutasi Rekening"
"No. rekening : 0123456789"
"Nama : NUSA LAYANAN DIGITAL PT"
"Periode : 01/11/2026 - 21/11/2026"
"Kode Mata Uang : Rp"

"Tanggal Transaksi","Keterangan","Cabang","Jumlah","Saldo"
"'03/11","TRSF E-BANKING CR 0311/FTSCY/WS95031 150017.00INV 2026 11 00042 BUDI","'0000","150,017.00 CR","1,150,017.00"
"'04/11","BIAYA ADM","'0000","15,000.00 DB","1,135,017.00"
"PEND","TRSF E-BANKING CR 0511 SITI AMINAH","'0000","99,000.00 CR","1,234,017.00"

"Saldo Awal : 1,000,000.00"
"Mutasi Kredit : 150,017.00","1"
"""

MANDIRI = """\
Account No,Date,Val. Date,Transaction Code,Description,Description,Reference No.,Debit,Credit,
1370012345678,05/11/26,05/11/26,2101,MCM InhouseTrf DARI PT MAJU JAYA,INV/2026/11/00043,FT261105,.00,"1,110,000.00",
1370012345678,05/11/26,05/11/26,2101,Biaya transfer,,FT261105,"2,500.00",.00,
"""

BNI = """\
Post Date;Branch;Journal No.;Description;Amount;Db/Cr;Balance
06/11/2026 09.15.00;JAKARTA;102938;TRF/PAY/TOP-UP ECHANNEL | BUDI;330.225,00;C;1.330.225,00
06/11/2026 09.20.00;JAKARTA;102939;PAJAK JASA GIRO;1.000,00;D;1.329.225,00
"""

BRI = """\
Tanggal Transaksi\tUraian Transaksi\tTeller\tDebet\tKredit\tSaldo
07/11/26\tNBMB SITI AMINAH TO NUSA LAYANAN\t8888\t0.00\t275000.00\t2275000.00
07/11/26\tNBMB SITI AMINAH TO NUSA LAYANAN\t8888\t0.00\t275000.00\t2550000.00
"""

MT940 = """\
{1:F01BNINIDJAXXXX0000000000}{2:I940BNINIDJAXXXXN}{4:
:20:STMT261108
:25:0987654321
:28C:00312/001
:60F:C261107IDR1000000,00
:61:2611081108C330225,NTRFNONREF//8765432
:86:TRANSFER DARI BUDI SANTOSO INV/2026/11/00044
:61:2611081108D6500,NCHGNONREF//8765433
:86:BIAYA TRANSFER
:62F:C261108IDR1323725,00
-}
"""

CAMT = """\
<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">
 <BkToCstmrStmt>
  <GrpHdr><MsgId>1</MsgId><CreDtTm>2026-11-09T18:00:00</CreDtTm></GrpHdr>
  <Stmt>
   <Id>1</Id>
   <Acct><Id><Othr><Id>0987654321</Id></Othr></Id></Acct>
   <Ntry>
    <Amt Ccy="IDR">450000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
    <BookgDt><Dt>2026-11-09</Dt></BookgDt><ValDt><Dt>2026-11-09</Dt></ValDt>
    <AcctSvcrRef>REF-1</AcctSvcrRef>
    <NtryDtls><TxDtls>
     <RltdPties><Dbtr><Nm>PT MAJU JAYA</Nm></Dbtr></RltdPties>
     <RmtInf><Ustrd>Pelunasan INV/2026/11/00045</Ustrd></RmtInf>
    </TxDtls></NtryDtls>
   </Ntry>
   <Ntry>
    <Amt Ccy="IDR">25000.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>
    <BookgDt><Dt>2026-11-09</Dt></BookgDt><AcctSvcrRef>REF-2</AcctSvcrRef>
   </Ntry>
   <Ntry>
    <Amt Ccy="IDR">70000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts>
    <BookgDt><Dt>2026-11-10</Dt></BookgDt><AcctSvcrRef>REF-3</AcctSvcrRef>
   </Ntry>
  </Stmt>
 </BkToCstmrStmt>
</Document>
"""

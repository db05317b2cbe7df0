<?xml version="1.0" encoding="UTF-8"?>
<!-- A rule set of our own making, in the shape that Schematron compiles to. -->
<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:svrl="http://purl.oclc.org/dsdl/svrl"
                xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <xsl:template match="/">
    <svrl:schematron-output>
      <xsl:if test="not(//cbc:BuyerReference = 'Skole')">
        <svrl:failed-assert id="OWN-1" flag="fatal">
          <svrl:text>The reference must be "Skole".</svrl:text>
        </svrl:failed-assert>
      </xsl:if>
      <xsl:if test="not(/*/cbc:Note)">
        <svrl:failed-assert id="OWN-2" flag="warning">
          <svrl:text>A note would be kind.</svrl:text>
        </svrl:failed-assert>
      </xsl:if>
    </svrl:schematron-output>
  </xsl:template>
</xsl:stylesheet>
